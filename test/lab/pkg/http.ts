import type { IncomingMessage } from 'node:http';
import { errorText } from './error-text.ts';
import { proxyFor } from './proxy.ts';
import { addressOf } from './resolver.ts';
import type { Session } from './session.ts';

/** How a download ended. */
export type Download =
  | { kind: 'content'; content: Buffer; modified: number | undefined }
  | { kind: 'unchanged' }
  | { kind: 'missing' }
  | { kind: 'failed'; message: string };

/** What a download is to be told apart by, and how far it may go. */
export interface DownloadWish {
  url: string;
  /** The progress line's text. */
  label: string;
  counted: boolean;
  /** Seconds since 1970; an older or equal copy on the server is not sent. */
  since: number;
  /** Without a word where the file is not there or the server does not answer. */
  silent: boolean;
  expectedSize: number | undefined;
}

/** Downloads over HTTP with pkg's retries, progress and events. */
export async function download(session: Session, wish: DownloadWish): Promise<Download> {
  const attempts = Math.max(1, session.config.number('FETCH_RETRY'));
  const url = new URL(wish.url);
  let last: Download = { kind: 'failed', message: 'Unknown error' };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    last = await once(session, wish, url);
    if (last.kind !== 'failed') break;
    session.reporter.event();
  }
  const shown = `${url.protocol}//${url.hostname}${rawPath(wish.url)}`;
  if (last.kind === 'failed' && !wish.silent) session.reporter.error(`${shown}: ${last.message}`);
  if (last.kind === 'missing' && !wish.silent) session.reporter.error(`${shown}: Not Found`);
  return last;
}

/** The path as it was written: URL would make one slash of two. */
function rawPath(url: string): string {
  return url.replace(/^[a-z+]+:\/\/[^/]*/, '');
}

async function once(session: Session, wish: DownloadWish, url: URL): Promise<Download> {
  const secure = url.protocol === 'https:';
  const proxy = secure ? undefined : proxyFor(url, process.env);
  const host = proxy?.host ?? url.hostname;
  const address = await addressOf(host, session.root, session.config.string('NAMESERVER'));
  if (address === undefined)
    return { kind: 'failed', message: `Could not resolve ${proxy ? 'proxy' : 'host'}: ${host}` };
  const { request: open } = await (secure ? import('node:https') : import('node:http'));
  return new Promise((resolve) => {
    const request = open({
      host: address,
      port: proxy?.port ?? (url.port === '' ? (secure ? 443 : 80) : Number(url.port)),
      path: `${proxy ? url.origin : ''}${rawPath(wish.url)}`,
      agent: false,
      timeout: session.config.number('FETCH_TIMEOUT') * 1000,
      headers: {
        host: url.host,
        'user-agent': session.config.string('HTTP_USER_AGENT'),
        connection: 'close',
        ...(proxy?.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
        ...(wish.since > 0 ? { 'if-modified-since': new Date(wish.since * 1000).toUTCString() } : {}),
      },
    });
    request.on('timeout', () => request.destroy(new Error('Operation timed out')));
    request.on('error', (error) => {
      // A connection that ends in order without an answer is no error to pkg: it takes it for nothing newer.
      if (error.message === 'socket hang up') resolve({ kind: 'unchanged' });
      else resolve({ kind: 'failed', message: errorText(error) });
    });
    request.on('response', (response) => {
      receive(session, wish, response, resolve);
    });
    request.end();
  });
}

function receive(
  session: Session,
  wish: DownloadWish,
  response: IncomingMessage,
  resolve: (download: Download) => void,
): void {
  const status = response.statusCode ?? 0;
  const stamp = response.headers['last-modified'];
  const modified = stamp === undefined ? undefined : Math.floor(Date.parse(stamp) / 1000);
  const unchanged =
    status === 304 || (status === 200 && wish.since > 0 && (modified ?? Infinity) <= wish.since);
  if (status !== 200 || unchanged) {
    response.destroy();
    const failed: Download = { kind: 'failed', message: response.statusMessage ?? String(status) };
    resolve(unchanged ? { kind: 'unchanged' } : status === 404 ? { kind: 'missing' } : failed);
    return;
  }
  session.reporter.event(`{ "type": "INFO_FETCH_BEGIN", "data": { "url": "${wish.url}" }}`);
  session.reporter.progressStart(wish.label, wish.counted);
  const total = Number(response.headers['content-length'] ?? wish.expectedSize ?? 0);
  const pieces: Buffer[] = [];
  let received = 0;
  let ticked = Date.now();
  response.on('data', (piece: Buffer) => {
    pieces.push(piece);
    received += piece.length;
    // Once a second, as a real download's meter; the last tick follows at the end.
    if (received < total && Date.now() - ticked >= 1000) {
      ticked = Date.now();
      session.reporter.progressTick(received, total);
    }
  });
  response.on('error', (error) => resolve({ kind: 'failed', message: errorText(error) }));
  response.on('end', () => {
    session.reporter.progressTick(received, received);
    session.reporter.event(`{ "type": "INFO_FETCH_FINISHED", "data": { "url": "${wish.url}" }}`);
    resolve({ kind: 'content', content: Buffer.concat(pieces), modified });
  });
}
