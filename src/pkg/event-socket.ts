import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { chdir, cwd } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Receives the events of every pkg that is run in a jail. */
export interface EventReceiver {
  /** Resolves when all that was sent so far has been heard. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

const patience = 2000;

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
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => onText(String(chunk)));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  within(directory, () => server.listen('events.sock'));
  await once(server, 'listening');
  const drained = async (): Promise<void> => {
    const end = Date.now() + patience;
    while (sockets.size > 0 && Date.now() < end) await sleep(2);
  };
  return {
    drained,
    async close() {
      await drained();
      for (const socket of sockets) socket.destroy();
      // Closing unlinks the socket by the name that it was bound with, which only means it here.
      within(directory, () => server.close());
    },
  };
}

/** Does something that takes no time with another working directory. */
function within(directory: string, action: () => void): void {
  const back = cwd();
  chdir(directory);
  try {
    action();
  } finally {
    chdir(back);
  }
}
