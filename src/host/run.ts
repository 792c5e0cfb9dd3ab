import type { WriteStream } from 'node:fs';
import { constants } from 'node:os';
import { execa } from 'execa';
import { JtxError } from '../error.ts';
import { errnoOf } from './errno.ts';

/** A program and its arguments. There is no other form: nothing in jtx goes through a shell. */
export type Command = readonly [string, ...string[]];

/** How one outside command ended. */
export interface Finished {
  command: Command;
  /** Exit status; 128 + n after signal n, as a shell counts it; 127 where the program was not found. */
  status: number;
  stdout: string;
  stderr: string;
  /** Ended by jtx because it was silent for longer than its deadline. */
  hung: boolean;
  /** Ended by jtx because it printed more than is kept. */
  flooding?: boolean;
}

/** A command that has been started: enough to find its process group again after a crash. */
export interface Started {
  pid: number;
}

export interface RunOptions {
  /** It changes the host or the jail: the journal must know of it before it starts. */
  changes?: boolean;
  /** It may go on for long, with processes of its own: the journal must know its process group. */
  lasting?: boolean;
  /** Characters of each output that are kept; the whole process group is ended where it prints more. */
  atMost?: number;
  /** Milliseconds without output after which the whole process group is ended. */
  silence?: number;
  /** The whole environment; default {@link hostEnvironment}. */
  environment?: Readonly<Record<string, string>>;
  /** Ends the process group when it fires. */
  abort?: AbortSignal;
  /** Both outputs into one open file, so that their order is kept. */
  mergedInto?: WriteStream;
  onStart?: (started: Started) => void;
  onOutput?: (chunk: string) => void;
  /** Something else was heard (events): the silence starts anew, but not without end while nothing is printed. */
  alive?: (heard: () => void) => void;
}

/** Runs one outside command to its end. Wrappers get it handed in, so that a transaction can record each. */
export type Run = (command: Command, options?: RunOptions) => Promise<Finished>;

const deadline = 10 * 60_000;
/** Milliseconds for which output is still read once the command itself has ended. */
const lastWords = 1_000;
/**
 * For how many times its silence a command may go on that prints nothing, whatever else is heard: others than the command
 * can send events. Of a download or an extraction pkg prints each tenth.
 */
const silences = 8;
const outputKept = 16 * 1024 * 1024;

/** The environment of every command of the host: only the search path of jtx's own, and plain
 * messages; in C itself mount(8) prints what is not ASCII otherwise than it is. */
export function hostEnvironment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
}

/**
 * Starts a program that goes on when jtx has ended, in a session of its own, with jtx's own environment and nothing
 * to read from or write to.
 */
export function startDetached([program, ...args]: Command): void {
  const child = execa(program, args, { detached: true, cleanup: false, reject: false, stdio: 'ignore' });
  child.unref();
}

/** Sends a signal to a whole process group; a group that is gone is fine. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/**
 * Runs a command in a session of its own: a terminal's Ctrl-C reaches jtx alone, which then decides what
 * has to end. Never throws for a status; throws for nothing but a bug.
 */
export const runCommand: Run = async (command, options = {}) => {
  const [program, ...args] = command;
  const merged = options.mergedInto;
  const atMost = options.atMost ?? outputKept;
  const child = execa(program, args, {
    detached: true,
    cleanup: false,
    reject: false,
    extendEnv: false,
    env: options.environment ?? hostEnvironment(),
    stdin: 'ignore' as const,
    stdout: merged ?? 'pipe',
    stderr: merged ?? 'pipe',
    stripFinalNewline: false,
    maxBuffer: atMost,
    encoding: 'utf8',
  });
  let hung = false;
  const end = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  };
  const silence = options.silence ?? deadline;
  const onSilence = (): void => {
    hung = true;
    end();
  };
  let timer = setTimeout(onSilence, silence);
  let ended = false;
  let printed = performance.now();
  const heard = (): void => {
    // Events are read to their end when pkg is gone: by then its group may be another's.
    if (ended || performance.now() - printed > (silences - 1) * silence) return;
    clearTimeout(timer);
    timer = setTimeout(onSilence, silence);
  };
  options.alive?.(heard);
  let flooding = false;
  const listener = (): ((chunk: unknown) => void) => {
    let length = 0;
    return (chunk) => {
      const text = String(chunk);
      printed = performance.now();
      heard();
      options.onOutput?.(text);
      length += text.length;
      // What nobody reads any more goes on for as long as it likes.
      if (length <= atMost || ended) return;
      flooding = true;
      end();
    };
  };
  child.stdout?.on('data', listener());
  child.stderr?.on('data', listener());
  options.abort?.addEventListener('abort', end, { once: true });
  if (child.pid !== undefined) options.onStart?.({ pid: child.pid });
  if (options.abort?.aborted) end();
  // A daemon that it leaves behind in a session of its own keeps the pipes open for as long as it lives.
  child.once('exit', () => {
    setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, lastWords).unref();
  });
  const result = await child;
  ended = true;
  clearTimeout(timer);
  options.abort?.removeEventListener('abort', end);
  return {
    command,
    // One that was done before it could be ended has printed more than is kept all the same.
    status: flooding ? killed : statusOf(result),
    stdout: text(result.stdout),
    stderr: text(result.stderr),
    hung,
    ...(flooding ? { flooding } : {}),
  };
};

const killed = 128 + constants.signals.SIGKILL;

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}

function statusOf(result: { exitCode?: number | undefined; signal?: string | undefined }): number {
  if (result.exitCode !== undefined) return result.exitCode;
  for (const [name, number] of Object.entries(constants.signals)) {
    if (name === result.signal) return 128 + number;
  }
  return 127;
}

/** The last line a command said about itself: what a person should read first. */
export function complaint(finished: Finished): string {
  if (finished.hung) return 'it was silent for too long and was ended';
  if (finished.flooding) return 'it printed more than is kept and was ended';
  const said = finished.stderr.trim() || finished.stdout.trim();
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return (
    lines[0] ?? (finished.status === 127 ? 'the program was not found' : `exit status ${finished.status}`)
  );
}

/** Passes a success on. Throws {@link JtxError} `command-failed` for any other status. */
export function succeeded(finished: Finished): Finished {
  if (finished.status === 0 && !finished.hung) return finished;
  throw new JtxError({
    code: 'command-failed',
    outcome: 'refused',
    message: `${finished.command.join(' ')}: ${complaint(finished)}`,
  });
}
