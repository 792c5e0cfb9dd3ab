import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './errno.ts';
import { type Run, succeeded } from './run.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

/** One running process, as ps(1) shows it. */
export interface Process {
  pid: number;
  group: number;
  /** Milliseconds since the epoch; ps knows it to a second or so. */
  started: number;
  /** The arguments, joined by spaces. */
  command: string;
}

/** Reads `ps -axww -o pid= -o pgid= -o lstart= -o args=` of either FreeBSD or Linux, printed in UTC. */
export function parseProcesses(text: string): Process[] {
  const processes: Process[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*)$/.exec(line);
    if (!match) continue;
    const [, pid, group, started, command] = match;
    processes.push({
      pid: Number(pid),
      group: Number(group),
      started: Date.parse(`${started} UTC`),
      command: command ?? '',
    });
  }
  return processes;
}

/** Every process of the host. */
export async function listProcesses(run: Run): Promise<Process[]> {
  const columns = ['pid=', 'pgid=', 'lstart=', 'args='].flatMap((column) => ['-o', column]);
  return parseProcesses(succeeded(await run(['ps', '-axww', ...columns])).stdout);
}

/** A process that uses a mounted file system, and whether its root directory lies there. */
export interface User {
  pid: number;
  rooted: boolean;
}

/** Reads what fuser(1) prints when both of its outputs go to one place: `path:  12rc  345c`. */
export function parseUsers(text: string): User[] {
  const users = new Map<number, User>();
  for (const line of text.split('\n')) {
    const listed = line.startsWith('/') ? line.slice(line.lastIndexOf(':') + 1) : line;
    for (const [, pid, letters] of listed.matchAll(/(?<![^\s])(\d+)([a-zA-Z+.]*)/g)) {
      const rooted = (letters ?? '').includes('r') || (letters ?? '').includes('j');
      const known = users.get(Number(pid));
      users.set(Number(pid), { pid: Number(pid), rooted: rooted || known?.rooted === true });
    }
  }
  return [...users.values()];
}

/** Who uses the file systems that are mounted at these directories (fuser -c, one process for all). */
export async function usersOf(run: Run, mountPoints: readonly string[]): Promise<User[]> {
  const [first, ...rest] = mountPoints;
  if (first === undefined) return [];
  return withTemporaryDirectory(async (directory) => {
    const file = join(directory, 'users');
    const both = createWriteStream(file, { flags: 'a' });
    await once(both, 'open');
    // The letters go to standard error and the numbers to standard output: only their order joins them.
    const finished = await run(['fuser', '-c', first, ...rest], { mergedInto: both });
    both.destroy();
    // Its status says nothing else: 1 is also that nobody uses them.
    if (finished.status === 127 || finished.hung) succeeded(finished);
    return parseUsers(readFileSync(file, 'utf8')).filter((user) => user.pid !== process.pid);
  });
}

/** Ends one process at once; gone already is fine. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
