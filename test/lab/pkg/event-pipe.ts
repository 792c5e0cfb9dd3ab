import { closeSync, constants, lstatSync, openSync, statSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { relative } from 'node:path';
import { errorText } from './error-text.ts';
import type { Root } from './root.ts';
import { errorCode, writeAll } from './write.ts';

/** EVENT_PIPE: a socket that blocks when its reader stalls, or a FIFO that drops. */
export class EventPipe {
  readonly #descriptor: number;
  readonly #drops: boolean;
  // Kept so that the socket, whose descriptor is written to directly, is not collected.
  readonly #socket: Socket | undefined;
  #broken = false;

  private constructor(descriptor: number, drops: boolean, socket: Socket | undefined) {
    this.#descriptor = descriptor;
    this.#drops = drops;
    this.#socket = socket;
  }

  /** Opens the pipe at a path inside the root; any failure is one complaint and no pipe. */
  static async open(
    path: string,
    root: Root,
    complain: (message: string) => void,
  ): Promise<EventPipe | undefined> {
    const host = root.followed(path);
    try {
      lstatSync(host);
    } catch {
      complain(`No such event pipe: ${path}`);
      return undefined;
    }
    const kind = statSync(host);
    if (kind.isFIFO()) {
      try {
        const fifo = openSync(host, constants.O_WRONLY | constants.O_NONBLOCK);
        return new EventPipe(fifo, true, undefined);
      } catch (error) {
        complain(`open event pipe(${path}): ${errorText(error)}`);
        return undefined;
      }
    }
    if (!kind.isSocket()) {
      complain(`${path} is not a fifo or socket`);
      return undefined;
    }
    if (path.length > 103) {
      complain(`Socket path too long: ${path}`);
      return undefined;
    }
    try {
      // The limit on a socket's path counts from the chroot, and so does ours: we stand in it.
      const socket = await connected(relative(process.cwd(), host));
      const descriptor = descriptorOf(socket);
      if (descriptor === undefined) throw new Error('the socket has no descriptor');
      socket.unref();
      return new EventPipe(descriptor, false, socket);
    } catch (error) {
      complain(`connect(${path}): ${errorText(error)}`);
      return undefined;
    }
  }

  /** Sends one line. */
  send(line: string): void {
    if (this.#broken) return;
    if (this.#drops) this.#sendOrDrop(line);
    else this.#broken = !writeAll(this.#descriptor, `${line}\n`);
  }

  close(): void {
    if (this.#socket === undefined) closeSync(this.#descriptor);
    else this.#socket.destroy();
  }

  #sendOrDrop(line: string): void {
    try {
      writeSync(this.#descriptor, `${line}\n`);
    } catch (error) {
      // A full FIFO loses the event, as pkg's does.
      if (errorCode(error) !== 'EAGAIN') this.#broken = true;
    }
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const descriptor: unknown = Reflect.get(handle, 'fd');
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}
