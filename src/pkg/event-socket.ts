import { once } from 'node:events';
import { lstatSync, rmdirSync, type Stats } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { withinExisting } from '../host/inside-root.ts';
import { makeTemporaryDirectory } from '../host/temporary-directory.ts';

/** Receives the events of every pkg that is run in a jail. */
export interface EventReceiver {
  /** Resolves when all that was sent so far has been heard, or after two seconds. */
  drained(): Promise<void>;
  /** How many processes have connected. */
  connections(): number;
  close(): Promise<void>;
}

const patience = 2000;
const name = 'events.sock';

/**
 * Listens on `events.sock` in a directory of a jail's root. The path of a root may be longer than a socket's may be, so
 * it is bound by its short name from inside the directory, which no link leads to. It is read all the time: pkg waits
 * for a reader that stalls (docs/pkg-facts.md, 5). Throws `root-unsafe`.
 */
export async function listenForEvents(
  root: string,
  directory: string,
  onText: (text: string) => void,
): Promise<EventReceiver> {
  const sockets = new Set<Socket>();
  let connected = 0;
  const server = createServer((socket) => {
    connected += 1;
    sockets.add(socket);
    let last = '\n';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      last = String(chunk);
      onText(last);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      // A process that was killed within a line must not spoil the first one of the next.
      if (!last.endsWith('\n')) onText('\n');
    });
  });
  const bound = await bind(server, root, directory);
  let closed = false;

  /** A process may have ended before its connection was taken; they are taken in turn, so this one's is last. */
  const queue = async (end: AbortSignal): Promise<void> => {
    const own = within(root, directory, () => (isThere(bound) ? connect(name) : undefined));
    if (!own) return;
    own.on('connect', () => {
      connected -= 1;
    });
    own.on('error', () => own.destroy());
    own.resume().end();
    await once(own, 'close', { signal: end }).catch(() => own.destroy());
  };
  const drained = async (): Promise<void> => {
    const end = AbortSignal.timeout(patience);
    if (!closed) await queue(end);
    while (sockets.size > 0 && !end.aborted) await sleep(2);
  };
  return {
    drained,
    connections: () => connected,
    async close() {
      if (closed) return;
      await drained();
      closed = true;
      for (const socket of sockets) socket.destroy();
      // Closing unlinks the socket by the name that it was bound with, which only means it here.
      const there = within(root, directory, () => isThere(bound) && server.close());
      if (!there) closeNowhere(server);
    },
  };
}

async function bind(server: Server, root: string, directory: string): Promise<Stats> {
  const listening = once(server, 'listening');
  const bound = withinExisting(root, directory, () => {
    server.listen(name);
    return lstatSync(name, { throwIfNoEntry: false });
  });
  if (!bound?.isSocket()) {
    listening.catch(() => {});
    throw refused('root-unsafe', `${join(root, directory)} was swapped while it was made`);
  }
  await listening;
  return bound;
}

/** Whether the socket still has its name in the working directory: a jail can put another in its place, or a link. */
function isThere({ ino, dev }: Stats): boolean {
  const found = lstatSync(name, { throwIfNoEntry: false });
  return found?.ino === ino && found.dev === dev;
}

/** Undefined where the directory has gone with a rollback, or a jail has put something else in its place. */
function within<T>(root: string, directory: string, action: () => T): T | undefined {
  try {
    return withinExisting(root, directory, action);
  } catch (error) {
    if (error instanceof JtxError) return undefined;
    throw error;
  }
}

/** Where nothing has the socket's name. */
function closeNowhere(server: Server): void {
  const empty = makeTemporaryDirectory();
  withinExisting(empty, '/', () => server.close());
  rmdirSync(empty);
}
