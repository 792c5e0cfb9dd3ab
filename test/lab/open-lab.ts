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

/** What is known of a lab once it is open. */
interface OpenLab {
  variables: Readonly<Record<string, string>>;
  /** The command before what is to run in it. */
  entered: readonly string[];
  /** Ends it, in the ordinary way. */
  letGo(): Promise<void>;
}

/** A lab with the small fixture repositories, which stays open for as long as tests need it. */
export class Lab {
  private readonly asked: Record<string, string>;
  private opened: OpenLab | undefined;

  /** `asked` is environment for scripts/lab. */
  constructor(asked: Record<string, string> = {}) {
    this.asked = asked;
  }

  async open(): Promise<void> {
    this.opened = await holdOpen(this.asked);
  }

  async close(): Promise<void> {
    await this.opened?.letGo();
  }

  /** The variables of the lab's own programs. Throws before it is open, as all below does. */
  get environment(): Readonly<Record<string, string>> {
    return this.inside().variables;
  }

  get directory(): string {
    return this.environment['LAB'] ?? '';
  }

  /** Runs a program in the lab, to its end. */
  run(argv: readonly string[], options: RunInLab = {}): Promise<Ended> {
    const { entered, variables } = this.inside();
    return runToEnd([...entered, ...argv], variables, options);
  }

  /** Runs a fixed script in the lab with bash; its arguments are `$1`, `$2`... */
  sh(script: string, ...args: string[]): Promise<Ended> {
    // Its input is a socket, which bash takes for a login from elsewhere: it would read ~/.bashrc first.
    return this.run(['bash', '--norc', '-c', script, 'bash', ...args]);
  }

  /** As {@link sh}, for what has to succeed: gives its standard output. */
  async must(script: string, ...args: string[]): Promise<string> {
    const ended = await this.sh(script, ...args);
    if (ended.status === 0) return ended.stdout;
    throw new Error(`status ${ended.status}: ${script}\n${ended.stdout}${ended.stderr}`);
  }

  private inside(): OpenLab {
    if (this.opened) return this.opened;
    throw new Error('the lab is not open yet');
  }
}

/** A lab that is open already; whoever asks for it closes it. */
export async function openLab(environment: Record<string, string> = {}): Promise<Lab> {
  const lab = new Lab(environment);
  await lab.open();
  return lab;
}

/** It is held open by a command that writes to a pipe now and then: so it goes with the test process, however that ends. */
async function holdOpen(environment: Record<string, string>): Promise<OpenLab> {
  const script = 'node -p "JSON.stringify(process.env)"; while echo open; do sleep 0.5; done';
  const holder = spawn(join(top, 'scripts/lab'), ['sh', '-c', script], {
    env: { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: holder.stdout });
  const [line]: unknown[] = await Promise.race([
    once(lines, 'line'),
    once(holder, 'exit').then(() => Promise.reject(new Error('no lab'))),
  ]);
  const variables = environmentOf(line);
  return {
    variables,
    // On FreeBSD the lab is on the host itself.
    entered: variables['LAB_SYSTEM'] === 'Linux' ? enterCommand(insideOf(holder)) : [],
    async letGo() {
      const gone = once(holder, 'exit');
      // Its next line finds no reader.
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

/** The command before what is to run in the namespaces of a process. */
function enterCommand(pid: number): string[] {
  return ['nsenter', '-t', String(pid), '--mount', '--pid', '--net', '--uts', '--ipc', '--'];
}

function environmentOf(line: unknown): Record<string, string> {
  const printed: unknown = JSON.parse(String(line));
  return Object.fromEntries(Object.entries(printed ?? {}).map(([name, value]) => [name, String(value)]));
}

async function runToEnd(
  [program = '', ...args]: readonly string[],
  variables: Record<string, string>,
  { environment = {}, input }: RunInLab,
): Promise<Ended> {
  const child = spawn(program, args, {
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
