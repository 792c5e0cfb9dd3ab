import { createReadStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join, normalize } from 'node:path';

// repository-server LAB CURRENT NEXT [PORT]: serves both repositories on 127.0.0.1, at PORT or 8080; 0 is any that is
// free. LAB/port then has its number. It fails on request: while LAB/http-down exists it answers nothing, while
// LAB/http-407 exists it wants a password as a proxy does (the header that this file has, if it has any), and
// LAB/http-404/NAME is not found.
const [lab = '', current = '', next = '', asked = '8080'] = process.argv.slice(2);

// A terminal's signals are for the lab's command.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => {});

function wantsPassword(given: string | undefined): boolean {
  const file = join(lab, 'http-407');
  if (!existsSync(file)) return false;
  const wanted = readFileSync(file, 'utf8').trim();
  return wanted === '' || given !== wanted;
}

const server = createServer((request, response) => {
  if (existsSync(join(lab, 'http-down'))) {
    request.socket.destroy();
    return;
  }
  if (wantsPassword(request.headers['proxy-authorization'])) {
    response.writeHead(407).end();
    return;
  }
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://lab').pathname));
  const [, repository, ...rest] = path.split('/');
  const file = join(repository === 'next' ? next : current, ...rest);
  const found = existsSync(join(lab, 'http-404', basename(file)))
    ? undefined
    : statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('Content-Length', found.size);
  response.setHeader('Last-Modified', found.mtime.toUTCString());
  const since = request.headers['if-modified-since'];
  if (since !== undefined && Math.floor(found.mtimeMs / 1000) * 1000 <= Date.parse(since)) {
    response.removeHeader('Content-Length');
    response.writeHead(304).end();
  } else if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
});
server.listen(Number(asked), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : asked;
  writeFileSync(join(lab, 'port.new'), String(port));
  renameSync(join(lab, 'port.new'), join(lab, 'port'));
});
