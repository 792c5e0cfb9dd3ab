import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from './errno.ts';

const named = /^jtx-(?<pid>\d+)-[A-Za-z0-9]{6}$/;

/** Makes an empty directory that nobody else may enter; its name says whose it is. */
export function makeTemporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), `jtx-${process.pid}-`));
}

/** Does something with an empty directory of its own, which is gone afterwards with all that is in it. */
export async function withTemporaryDirectory<T>(use: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = makeTemporaryDirectory();
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

// All are used for minutes; and a process that is not to be seen may be one of another jail or container.
const old = 24 * 3_600_000;

/** Removes those of processes that were killed a day ago or earlier. What another person has given such a name stays. */
export function sweepTemporaryDirectories(now: number): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = named.exec(name)?.groups?.['pid'];
    if (pid === undefined || isThere(Number(pid))) continue;
    const path = join(tmpdir(), name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && found.uid === process.geteuid?.() && now - found.mtimeMs > old)
      rmSync(path, { recursive: true, force: true });
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
