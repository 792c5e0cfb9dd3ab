import { lstatSync, mkdirSync, readlinkSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { errorCode } from './write.ts';

/**
 * The directory that pkg has as its root after chroot(2). A program in node cannot enter it,
 * so every path goes through here, and links are followed as the kernel would inside a chroot.
 */
export class Root {
  readonly directory: string;
  readonly #known = new Map<string, string>();

  constructor(directory: string) {
    this.directory = realpathSync(directory);
  }

  /** The host's path of a path inside; the last component is not followed. */
  path(inside: string): string {
    const { dir, base } = posix.parse(posix.resolve('/', inside));
    if (base === '') return this.directory;
    return this.#host(posix.join(this.#directoryOf(dir), base));
  }

  /** The host's path of a path inside, with a link at its end followed too. */
  followed(inside: string): string {
    return this.#host(this.#walk(posix.resolve('/', inside)));
  }

  /** Makes a directory and its parents. */
  makeDirectory(inside: string, mode = 0o755): string {
    const path = this.followed(inside);
    mkdirSync(path, { recursive: true, mode });
    this.#known.clear();
    return path;
  }

  /** Forgets directories that were removed or renamed. */
  forget(): void {
    this.#known.clear();
  }

  #host(real: string): string {
    if (this.directory === '/') return real;
    return real === '/' ? this.directory : this.directory + real;
  }

  #directoryOf(inside: string): string {
    const known = this.#known.get(inside);
    if (known !== undefined) return known;
    const real = this.#walk(inside);
    this.#known.set(inside, real);
    return real;
  }

  #walk(inside: string): string {
    let pending = inside.split('/').filter((part) => part !== '');
    let real = '/';
    for (let links = 0; pending.length > 0; ) {
      const [part = '', ...others] = pending;
      pending = others;
      if (part === '..') {
        real = posix.dirname(real);
        continue;
      }
      const next = posix.join(real, part);
      const target = linkTarget(this.#host(next));
      if (target === undefined || links > 40) {
        real = next;
        continue;
      }
      links += 1;
      if (target.startsWith('/')) real = '/';
      pending = [...target.split('/').filter((step) => step !== '' && step !== '.'), ...pending];
    }
    return real;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
