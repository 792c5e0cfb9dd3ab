import { once } from 'node:events';
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
} from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { lendNames } from '../../src/pkg/lent-names.ts';
import { type NameProxy, openNameProxy } from '../../src/pkg/name-proxy.ts';
import { openNameServer } from './name-server.ts';

/** Only the name server that is lent knows this one. */
const host = 'packages.test';

async function openProxy(): Promise<NameProxy> {
  const server = await openNameServer({ [`${host} A`]: [127, 0, 0, 1] });
  const names = lendNames(server.address, '');
  const proxy = await openNameProxy(names);
  onTestFinished(async () => {
    await proxy.close();
    names.close();
  });
  return proxy;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const repository = (listener: RequestListener): Promise<number> => listening(createServer(listener));

/** Asks the proxy as its client does that was given its URL; `user` and `password` in its place where they are given. */
function through(proxy: NameProxy, options: RequestOptions, authority = new URL(proxy.url)): RequestOptions {
  const credentials = Buffer.from(`${authority.username}:${authority.password}`).toString('base64');
  const { headers, ...others } = options;
  return {
    host: authority.hostname,
    port: authority.port,
    agent: false,
    headers: { 'Proxy-Authorization': `Basic ${credentials}`, ...headers },
    ...others,
  };
}

function fetched(options: RequestOptions): Promise<IncomingMessage> {
  const asked = request(options).end();
  return new Promise((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', reject);
  });
}

function tunnelled(options: RequestOptions): Promise<{ status: number | undefined; socket: Socket }> {
  const asked = request({ method: 'CONNECT', ...options }).end();
  return new Promise((resolve, reject) => {
    asked.on('connect', ({ statusCode }, socket) => resolve({ status: statusCode, socket }));
    asked.on('error', reject);
  });
}

test('a request for a name that only the lent name server knows is passed on as it is, without what is for the proxy', async () => {
  const seen: IncomingMessage[] = [];
  const port = await repository((asked, response) => {
    seen.push(asked);
    response
      .writeHead(200, 'Fine', { 'Last-Modified': 'then', 'Set-Cookie': ['a=1', 'b=2'] })
      .end('catalogue');
  });
  const proxy = await openProxy();
  const answer = await fetched(
    through(proxy, {
      path: `http://${host}:${port}/repo//a%2Fb+.pkg?x=%20`,
      headers: {
        Host: `${host}:${port}`,
        'If-Modified-Since': 'before',
        Connection: 'X-Hop',
        'X-Hop': 'secret',
      },
    }),
  );
  expect(await text(answer)).toBe('catalogue');
  expect([answer.statusCode, answer.statusMessage]).toEqual([200, 'Fine']);
  expect(answer.headers).toMatchObject({ 'last-modified': 'then', 'set-cookie': ['a=1', 'b=2'] });
  expect(seen[0]?.url).toBe('/repo//a%2Fb+.pkg?x=%20');
  expect(seen[0]?.headers).toEqual({
    host: `${host}:${port}`,
    'if-modified-since': 'before',
    connection: 'close',
  });
});

test('HEAD, and answers without a body, come through, one after the other on a connection', async () => {
  const port = await repository((asked, response) => {
    if (asked.method === 'HEAD') response.setHeader('Content-Length', 7).end();
    else response.writeHead(304).end();
  });
  const proxy = await openProxy();
  const url = `http://${host}:${port}`;
  const head = await fetched(through(proxy, { method: 'HEAD', path: url }));
  expect([head.statusCode, head.headers['content-length'], await text(head)]).toEqual([200, '7', '']);
  const unchanged = await fetched(through(proxy, { path: `${url}?q` }));
  expect([unchanged.statusCode, await text(unchanged)]).toEqual([304, '']);
});

test.each([['other'], ['']])('with the password %j there is no way through', async (password) => {
  const reached: string[] = [];
  const port = await repository((asked, response) => {
    reached.push(asked.url ?? '');
    response.end();
  });
  const proxy = await openProxy();
  const wrong = new URL(proxy.url);
  wrong.password = password;
  const headers = password === '' ? { 'Proxy-Authorization': '' } : {};
  const answer = await fetched(through(proxy, { path: `http://${host}:${port}/`, headers }, wrong));
  expect([answer.statusCode, answer.headers['proxy-authenticate']]).toEqual([407, 'Basic realm="jtx"']);
  answer.resume();
  const { status, socket } = await tunnelled(through(proxy, { path: `${host}:${port}`, headers }, wrong));
  expect([status, await text(socket)]).toEqual([407, '']);
  expect(reached).toEqual([]);
});

test.each([
  ['GET', '/repo/meta.conf', 400],
  ['GET', 'https://packages.test/', 400],
  ['GET', 'http://packages.test:0/', 400],
  ['GET', 'http://packages.test:65536/', 400],
  ['GET', 'http://[::1/', 400],
  ['POST', 'http://packages.test/', 405],
  ['GET', 'http://nowhere.invalid/', 502],
  ['GET', 'http://127.0.0.1:1/', 502],
  ['CONNECT', 'nowhere.invalid:443', 502],
  ['CONNECT', '127.0.0.1:1', 502],
  ['CONNECT', '[::1]:1', 502],
  ['CONNECT', ':443', 400],
])('%s %s is answered with %i', async (method, path, status) => {
  const proxy = await openProxy();
  const options = through(proxy, { method, path });
  if (method === 'CONNECT') {
    expect((await tunnelled(options)).status).toBe(status);
    return;
  }
  const answer = await fetched(options);
  expect(await text(answer)).toMatch(status === 502 ? /ENOTFOUND|ECONNREFUSED/ : /^$/);
  expect(answer.statusCode).toBe(status);
});

test('why a connection could not be made is known, and that one ends too early is no such reason', async () => {
  const port = await listening(
    createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
  );
  const proxy = await openProxy();
  (await fetched(through(proxy, { path: `http://${host}:${port}/` }))).resume();
  expect(proxy.failure()).toBeUndefined();
  (await fetched(through(proxy, { path: 'http://nowhere.invalid/' }))).resume();
  expect(proxy.failure()).toContain('ENOTFOUND nowhere.invalid');
  await tunnelled(through(proxy, { path: `${host}:1` }));
  expect(proxy.failure()).toContain('ECONNREFUSED 127.0.0.1:1');
});

test('much is passed on only as fast as it is taken', async () => {
  const size = 256 * 1024 * 1024;
  const piece = Buffer.alloc(1024 * 1024, 'x');
  let sent = 0;
  const port = await repository((_, response) => {
    response.writeHead(200, { 'Content-Length': size });
    const more = (): void => {
      while (sent < size) {
        sent += piece.length;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  const proxy = await openProxy();
  const answer = await fetched(through(proxy, { path: `http://${host}:${port}/` }));
  await sleep(500);
  expect(sent).toBeLessThan(size / 4);
  let received = 0;
  for await (const chunk of answer) received += (chunk as Buffer).length;
  expect(received).toBe(size);
});

test('an answer that is cut off is so for the client too', async () => {
  const port = await repository((_, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('half');
    setTimeout(() => response.destroy(), 50);
  });
  const proxy = await openProxy();
  const answer = await fetched(through(proxy, { path: `http://${host}:${port}/` }));
  await expect(text(answer)).rejects.toThrow('aborted');
  const port2 = await listening(createTcpServer((socket) => socket.end()));
  const none = await fetched(through(proxy, { path: `http://${host}:${port2}/` }));
  expect(none.statusCode).toBe(502);
  none.resume();
});

test('a client that goes away ends what it asked for', async () => {
  const gone: Promise<unknown>[] = [];
  const port = await repository((asked, response) => {
    gone.push(once(asked.socket, 'close'));
    response.write('begun');
  });
  const proxy = await openProxy();
  const answer = await fetched(through(proxy, { path: `http://${host}:${port}/` }));
  answer.destroy();
  expect(gone.length).toBe(1);
  await Promise.all(gone);
});

test('a tunnel carries bytes both ways, and the end of each by itself', async () => {
  const heard: string[] = [];
  const large = Buffer.alloc(8 * 1024 * 1024, 'y');
  const port = await listening(
    createTcpServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', (data) => heard.push(String(data)));
      socket.on('end', () => socket.end(large));
    }),
  );
  const proxy = await openProxy();
  const { status, socket } = await tunnelled(through(proxy, { path: `${host}:${port}` }));
  expect(status).toBe(200);
  socket.end('hello');
  expect((await buffer(socket)).equals(large)).toBe(true);
  expect(heard).toEqual(['hello']);
});

test('what a client says before it is asked to is not lost', async () => {
  const port = await listening(createTcpServer((socket) => socket.pipe(socket)));
  const proxy = await openProxy();
  const { port: own, username, password } = new URL(proxy.url);
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const socket = connect(Number(own), '127.0.0.1');
  socket.end(
    `CONNECT ${host}:${port} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic ${credentials}\r\n\r\nearly`,
  );
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nearly$/);
});

test('closing it ends what goes through it, and nothing listens any more', async () => {
  const ended: Promise<unknown>[] = [];
  const port = await repository((asked, response) => {
    ended.push(once(asked.socket, 'close'));
    response.write('begun');
  });
  const tcp = await listening(
    createTcpServer((socket) => {
      ended.push(
        once(
          socket.on('error', () => {}),
          'close',
        ),
      );
      socket.resume();
    }),
  );
  const proxy = await openProxy();
  const answer = await fetched(through(proxy, { path: `http://${host}:${port}/` }));
  const { socket } = await tunnelled(through(proxy, { path: `${host}:${tcp}` }));
  const cut = Promise.allSettled([text(answer), text(socket.on('error', () => {}))]);
  await proxy.close();
  await Promise.all(ended);
  expect((await cut)[0].status).toBe('rejected');
  const late = get(through(proxy, { path: `http://${host}:${port}/` }));
  const [error] = await once(late, 'error');
  expect(error.code).toBe('ECONNREFUSED');
});
