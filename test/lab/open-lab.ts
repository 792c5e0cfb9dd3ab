import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const top = join(import.meta.dirname, '../..');

/** How a command in the lab ended. */
export interface Ended {
  /** Exit status; 128 + n after signal n. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunInLab {
  environment?: Record<string, string>;
  input?: string;
}

/** A lab that stays open for all the tests of a file. */
export interface Lab {
  directory: string;
  environment: Readonly<Record<string, string>>;
  /** Runs a program in the lab, to its end. */
  run(argv: readonly string[], options?: RunInLab): Promise<Ended>;
  /** Runs a fixed script in the lab with bash; its arguments are `$1`, `$2`... */
  sh(script: string, ...args: string[]): Promise<Ended>;
  /** As {@link sh}, for what has to succeed: gives its standard output. */
  must(script: string, ...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens a lab with the small fixture repositories. It is held open by a command that writes to a pipe now and
 * then, so that it goes with the test process, however that ends.
 */
export async function openLab(environment: Record<string, string> = {}): Promise<Lab> {
  const holder = spawn(join(top, 'scripts/lab'), ['bash', '-c', 'while echo open; do sleep 0.5; done'], {
    env: { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: holder.stdout });
  await Promise.race([
    once(lines, 'line'),
    once(holder, 'exit').then(() => Promise.reject(new Error('no lab'))),
  ]);
  const inside = insideOf(holder);
  const variables = environmentOf(inside);
  const run: Lab['run'] = (argv, options = {}) => enter(inside, variables, argv, options);
  const sh: Lab['sh'] = (script, ...args) => run(['bash', '-c', script, 'bash', ...args]);
  return {
    directory: variables['LAB'] ?? '',
    environment: variables,
    run,
    sh,
    async must(script, ...args) {
      const ended = await sh(script, ...args);
      if (ended.status === 0) return ended.stdout;
      throw new Error(`status ${ended.status}: ${script}\n${ended.stdout}${ended.stderr}`);
    },
    async close() {
      const gone = once(holder, 'exit');
      // Its next line finds no reader, and the lab ends in the ordinary way.
      lines.close();
      holder.stdout.destroy();
      await gone;
    },
  };
}

/** The first process of the lab's namespaces, as the host sees it. */
function insideOf(holder: ChildProcess): number {
  for (let pid = holder.pid ?? 0; ; ) {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'inside') return pid;
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout;
    const [first] = children.trim().split(/\s+/);
    if (!first || !existsSync(`/proc/${first}`)) throw new Error('the lab has no inside');
    pid = Number(first);
  }
}

function environmentOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

async function enter(
  pid: number,
  variables: Record<string, string>,
  argv: readonly string[],
  { environment = {}, input }: RunInLab,
): Promise<Ended> {
  const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc'];
  const child = spawn('nsenter', ['-t', String(pid), ...namespaces, '--', ...argv], {
    env: { ...variables, ...environment },
    cwd: '/',
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  await once(child, 'close');
  const status = child.exitCode ?? 128 + (child.signalCode === 'SIGTERM' ? 15 : 9);
  return { status, stdout, stderr };
}
