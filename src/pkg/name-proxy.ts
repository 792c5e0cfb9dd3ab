import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type LookupFunction, type Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { messageOf, refused } from '../error.ts';
import type { Names } from './lent-names.ts';

/** A proxy for HTTP on this machine, for those who know its password. */
export interface NameProxy {
  /** With the password in it. */
  url: string;
  /** Why the last connection that could not be made was not. */
  failure(): string | undefined;
  /** Ends all that goes through it. */
  close(): Promise<void>;
}

interface Target {
  host: string;
  port: number;
}

type Reach = (target: Target, allowHalfOpen: boolean) => Socket;

const user = 'jtx';
const unauthorized = { 'Proxy-Authenticate': 'Basic realm="jtx"', 'Content-Length': '0' };

/**
 * Opens a proxy on 127.0.0.1 that finds hosts by these names: for a pkg whose own name server is not heard
 * (docs/pkg-facts.md, 1). It ends with this process, if not before. Throws `names-not-lent`.
 */
export async function openNameProxy(names: Names): Promise<NameProxy> {
  const password = randomBytes(24).toString('hex');
  const credentials = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const knows = ({ headers }: IncomingMessage): boolean => headers['proxy-authorization'] === credentials;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const lookup = lookupBy(names);
  let failure: string | undefined;
  const failed = (error: Error): void => {
    failure = reasonOf(error);
  };
  const reach: Reach = (target, allowHalfOpen) => {
    const socket = keep(connect({ ...target, lookup, allowHalfOpen, ...tryingAll }));
    return socket.once('error', failed).once('connect', () => socket.off('error', failed));
  };

  // A client that finds its connection closed between two requests would take that for a failure.
  const server = createServer({ keepAliveTimeout: 0 });
  server.on('connection', keep);
  server.on('request', (asked, response) => {
    asked.resume();
    if (knows(asked)) forward(asked, response, reach);
    else response.writeHead(407, unauthorized).end();
  });
  server.on('connect', (asked, client, head) => {
    if (knows(asked)) tunnel(asked.url ?? '', client, head, reach);
    else refuse(client, '407 Proxy Authentication Required', unauthorized);
  });
  await listen(server);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${user}:${password}@127.0.0.1:${port}`,
    failure: () => failure,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw refused(
      'names-not-lent',
      `jtx cannot resolve names for pkg: ${messageOf(error)}`,
      'Give the jail an etc/resolv.conf with a name server.',
      error,
    );
  }
  // A connection that could not be accepted is the client's to notice.
  server.on('error', () => {});
}

// Node's own quarter of a second for each address is too short for hosts that are far away.
const tryingAll = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2000 };

function lookupBy(names: Names): LookupFunction {
  return (name, { all }, tell) => {
    names.addressesOf(name).then(
      (addresses) => {
        if (all) tell(null, addresses);
        else tell(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: NodeJS.ErrnoException) => tell(error, ''),
    );
  };
}

/** Sends a request for an absolute URL on, and what is answered back. */
function forward(asked: IncomingMessage, response: ServerResponse, reach: Reach): void {
  const [, authority = '', rest = ''] = /^http:\/\/([^/?#]+)([^#]*)/i.exec(asked.url ?? '') ?? [];
  const target = targetOf(authority, 80);
  const { method = '' } = asked;
  if (target === undefined || (method !== 'GET' && method !== 'HEAD')) {
    response.writeHead(target === undefined ? 400 : 405, { 'Content-Length': '0' }).end();
    return;
  }
  guarded(response, () => {
    const onward = request({
      method,
      path: rest.startsWith('/') ? rest : `/${rest}`,
      headers: withoutHops(asked),
      createConnection: () => reach(target, false),
    });
    response.on('close', () => onward.destroy());
    onward.on('error', (error) => fail(response, error));
    onward.on('response', (answer) => guarded(response, () => pass(answer, response)));
    onward.end();
  });
}

function pass(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', withoutHops(answer));
  // What ends too early has to end so for the client too.
  pipeline(answer, response, () => {});
}

function guarded(response: ServerResponse, action: () => void): void {
  try {
    action();
  } catch (error) {
    fail(response, error);
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(502, { 'Content-Type': 'text/plain' }).end(`${reasonOf(error)}\n`);
}

/** Where several addresses were tried in vain, each has a reason of its own, and the whole has none. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
}

function tunnel(authority: string, client: Duplex, head: Buffer, reach: Reach): void {
  const target = targetOf(authority, 443);
  if (target === undefined) {
    refuse(client, '400 Bad Request', { 'Content-Length': '0' });
    return;
  }
  const server = reach(target, true);
  const failed = (): void => refuse(client, '502 Bad Gateway', { 'Content-Length': '0' });
  server.once('error', failed);
  client.once('close', () => server.destroy());
  server.once('connect', () => {
    server.off('error', failed);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) server.write(head);
    pipeline(client, server, () => {});
    pipeline(server, client, () => {});
  });
}

/** Answers a client that asked for a tunnel, and is not heard any further. */
function refuse(client: Duplex, status: string, headers: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  client.end(`HTTP/1.1 ${[status, ...lines].join('\r\n')}\r\n\r\n`, () => client.destroy());
}

/** The host and the port of a URL's authority; undefined where it is none. */
function targetOf(authority: string, usual: number): Target | undefined {
  const form = /^(?:[^@]*@)?(?:\[([0-9a-f:.]+)\]|([^:@[\]]+))(?::(\d{1,5}))?$/i;
  const [, address, name = '', digits] = form.exec(authority) ?? [];
  const host = address ?? name;
  const port = digits === undefined ? usual : Number(digits);
  return host === '' || port < 1 || port > 65_535 ? undefined : { host, port };
}

const hops = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** The headers of a message, in pairs, but for those that are meant for the next machine alone (RFC 9110, 7.6.1). */
function withoutHops({ headers, rawHeaders }: IncomingMessage): string[] {
  const named = (headers.connection ?? '').toLowerCase().split(/[ ,]+/);
  const dropped = new Set([...hops, ...named]);
  const isKept = (name: string): boolean => !dropped.has(name.toLowerCase()) && !/^proxy-/i.test(name);
  return rawHeaders.filter((_, index) => isKept(rawHeaders[index - (index % 2)] ?? ''));
}
