import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { JtxError } from '../error.ts';
import { type Command, type Finished, hostEnvironment, runCommand, signalGroup, succeeded } from './run.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

/** Characters of each output that are kept, the last ones. */
const kept = 64 * 1024;
/** Milliseconds for which output is still read once the command itself has ended. */
const lastWords = 1000;

export interface PipelineOptions {
  /** An open file that the first command reads. */
  from?: number;
  /** An open file into which the last command writes. */
  into?: number;
  /** Ends them all when it fires. */
  abort?: AbortSignal;
  /** What a command says on standard error, as it comes; 0 is the first. */
  onError?: (stage: number, chunk: string) => void;
  /** The process groups, once all are started. */
  onStart?: (groups: readonly number[]) => void;
}

/**
 * Runs commands of which each reads what the one before writes, through pipes of the kernel: no byte passes through
 * jtx. Gives how each ended, in order: it is for the caller to look at every one. Throws for nothing but a bug.
 */
export async function runPipeline(
  commands: readonly Command[],
  options: PipelineOptions = {},
): Promise<Finished[]> {
  const pipes: Pipe[] = [];
  const started: StartedStage[] = [];
  try {
    for (let pipe = 1; pipe < commands.length; pipe += 1) pipes.push(await makePipe());
    for (const [stage, command] of commands.entries()) {
      const input = pipes[stage - 1]?.read ?? options.from ?? 'ignore';
      const output = pipes[stage]?.write ?? options.into ?? 'pipe';
      started.push(startStage(command, input, output, (chunk) => options.onError?.(stage, chunk)));
    }
  } finally {
    // With jtx's own ends open a command would never see that its neighbour is gone.
    for (const { read, write } of pipes) for (const end of [read, write]) closeSync(end);
  }
  options.onStart?.(started.flatMap(({ pid }) => pid ?? []));
  const running = new Set(started);
  for (const stage of started) void stage.ended.then(() => running.delete(stage));
  const end = (): void => {
    // The number of one that has ended may be another's by now. The last first: none is to take what is cut off for whole.
    for (const { pid } of [...running].reverse()) if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  };
  options.abort?.addEventListener('abort', end, { once: true });
  if (options.abort?.aborted) end();
  const finished = await Promise.all(started.map(({ ended }) => ended));
  options.abort?.removeEventListener('abort', end);
  return finished;
}

interface StartedStage {
  pid: number | undefined;
  ended: Promise<Finished>;
}

function startStage(
  command: Command,
  input: number | 'ignore',
  output: number | 'pipe',
  onError: (chunk: string) => void,
): StartedStage {
  const [program, ...args] = command;
  // In a session of its own, as every command: a terminal's Ctrl-C reaches jtx alone.
  const child = spawn(program, args, {
    detached: true,
    env: hostEnvironment(),
    stdio: [input, output, 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout = (stdout + chunk).slice(-kept);
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-kept);
    onError(chunk);
  });
  // What it leaves behind, such as a connection that ssh(1) shares, may hold them open for as long as it lives.
  child.once('exit', () => {
    const close = (): void => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    setTimeout(close, lastWords).unref();
  });
  const ended = new Promise<Finished>((resolve) => {
    const finish = (status: number): void => resolve({ command, status, stdout, stderr, hung: false });
    child.once('error', (error) => {
      stderr ||= error.message;
      finish(127);
    });
    child.once('close', (code, signal) =>
      finish(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  return { pid: child.pid, ended };
}

/**
 * The command of a pipeline that is to blame; undefined where all went well. One that could not write any more is not,
 * as long as another failed: its reader was gone.
 */
export function failedStage(finished: readonly Finished[]): Finished | undefined {
  const failed = finished.filter(({ status }) => status !== 0);
  const cutOff = ({ status, stderr }: Finished): boolean =>
    status === 128 + 13 || /[Bb]roken pipe/.test(stderr);
  return failed.find((one) => !cutOff(one)) ?? failed[0];
}

/** Passes on when every command ended well. Throws `send-failed` with what the one to blame said. */
export function requireWhole(finished: readonly Finished[]): void {
  const failed = failedStage(finished);
  if (!failed) return;
  const said = failed.stderr.split('\n').findLast((line) => line.trim() !== '' && !line.includes('\t'));
  throw new JtxError({
    code: 'send-failed',
    outcome: 'refused',
    message: `${nameOf(failed)}: ${said ?? `ended with status ${failed.status}`}`,
  });
}

function nameOf({ command: [program, verb] }: Finished): string {
  return program === 'zfs' && verb !== undefined ? `zfs ${verb}` : program;
}

interface Pipe {
  read: number;
  write: number;
}

/** A pipe of the kernel. Node makes sockets, of which a FreeBSD buffers little, and which zfs(8) copies once more. */
async function makePipe(): Promise<Pipe> {
  return withTemporaryDirectory(async (directory) => {
    const fifo = join(directory, 'pipe');
    succeeded(await runCommand(['mkfifo', '-m', '600', fifo]));
    // Opened for both, it waits for nobody, and neither does what is opened after it.
    const both = openSync(fifo, 'r+');
    const [read, write] = [openSync(fifo, 'r'), openSync(fifo, 'w')];
    closeSync(both);
    return { read, write };
  });
}
