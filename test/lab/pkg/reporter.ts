import { errorText } from './error-text.ts';
import type { EventPipe } from './event-pipe.ts';
import { Progress } from './progress.ts';
import { errorNumber, writeAll } from './write.ts';

/** Everything that a person, a script or EVENT_PIPE gets to see, in pkg's order. */
export class Reporter {
  quiet = false;
  pipe: EventPipe | undefined;
  /** What packages and scripts have to say, printed at the end of a run. */
  messages = '';
  readonly #progress: Progress;
  #action = '';

  constructor() {
    this.#progress = new Progress((text) => this.print(text));
  }

  /** Prints on standard output, whatever -q says. */
  print(text: string): void {
    writeAll(1, text);
  }

  /** Prints on standard output unless -q was given. */
  say(text: string): void {
    if (!this.quiet) this.print(text);
  }

  /** warnx(3): a line on standard error, no event. */
  warn(text: string): void {
    writeAll(2, `pkg: ${text}\n`);
  }

  /** A line on standard error without pkg's name. */
  complain(text: string): void {
    writeAll(2, `${text}\n`);
  }

  /** Sends an event; one without a JSON form still sends its empty line. */
  event(json = ''): void {
    this.#interrupt();
    this.pipe?.send(json);
  }

  /** An error: an event and a line on standard error. */
  error(message: string): void {
    this.event(`{ "type": "ERROR", "data": {"msg": "${escaped(message)}"}}`);
    this.warn(message);
  }

  /** A system call that failed: an event with the error's number, and a line on standard error. */
  errno(call: string, argument: string, error: unknown): void {
    const message = `${call}(${argument}): ${errorText(error)}`;
    this.event(`{ "type": "ERROR", "data": {"msg": "${escaped(message)}","errno": ${errorNumber(error)}}}`);
    this.warn(message);
  }

  /** A notice: an event and a line on standard output. */
  notice(message: string): void {
    this.event(`{ "type": "NOTICE", "data": {"msg": "${escaped(message)}"}}`);
    this.say(`${message}\n`);
  }

  /** A package's or a script's message, held back to the end of the run. */
  message(text: string): void {
    this.event();
    this.messages += text;
  }

  /** Counts an action, `[n/m]` in front of what it prints. */
  action(current: number, total: number): void {
    this.event();
    this.#action = `[${String(current).padStart(String(total).length)}/${total}] `;
  }

  /** Prints with the action's counter in front. */
  sayAction(text: string): void {
    this.say(this.#action + text);
  }

  /** No more counters: the following is no action. */
  endActions(): void {
    this.#action = '';
  }

  /** Starts a progress line; `counted` puts the action's counter in front. */
  progressStart(label: string, counted = false): void {
    this.event('{ "type": "INFO_PROGRESS_START", "data": {}}');
    if (!this.quiet) this.#progress.start(counted ? this.#action + label : label);
  }

  /** Progress on the line that was started. */
  progressTick(current: number, total: number): void {
    this.pipe?.send(`{ "type": "INFO_PROGRESS_TICK", "data": { "current": ${current}, "total" : ${total}}}`);
    this.#progress.tick(current, total);
  }

  /** A progress line without events, as `check` has it. */
  get progress(): Progress {
    return this.#progress;
  }

  #interrupt(): void {
    this.#progress.interrupt();
  }
}

/** Escapes what pkg escapes in its events: quotes and backslashes, nothing else. */
export function escaped(text: string): string {
  return text.replace(/["\\]/g, (found) => `\\${found}`);
}
