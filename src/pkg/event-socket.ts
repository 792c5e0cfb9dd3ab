import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { withinDirectory } from '../host/inside-root.ts';

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
 * Listens on `events.sock` in a directory. The path of a root may be longer than a socket's may be, so it is
 * bound by its short name from inside the directory. It is read all the time: pkg waits for a reader that
 * stalls (docs/pkg-facts.md, 5).
 */
export async function listenForEvents(
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
  withinDirectory(directory, '', () => server.listen(name));
  await once(server, 'listening');
  let closed = false;

  /** A process may have ended before its connection was taken; they are taken in turn, so this one's is last. */
  const queue = async (end: AbortSignal): Promise<void> => {
    if (!existsSync(directory)) return;
    const own = withinDirectory(directory, '', () => connect(name));
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
      withinDirectory(existsSync(directory) ? directory : '/', '', () => server.close());
    },
  };
}
