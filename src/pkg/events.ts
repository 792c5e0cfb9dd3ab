import { parseJson } from '../parse-json.ts';
import { isHarmless } from './harmless-errors.ts';

/** One event of EVENT_PIPE. */
export interface PkgEvent {
  type: string;
  data: Readonly<Record<string, unknown>>;
}

const longest = 64 * 1024;

/**
 * Reads the stream of EVENT_PIPE, which is JSON a line only nearly: empty lines, raw newlines inside strings
 * and trailing commas occur (docs/pkg-facts.md, 5). What cannot be read is dropped, but for errors.
 */
export class EventReader {
  private rest = '';
  private pending = '';

  /** Takes a piece of the stream; gives the events that it completes. */
  push(chunk: string): PkgEvent[] {
    const lines = (this.rest + chunk).split('\n');
    this.rest = (lines.pop() ?? '').slice(-longest);
    return lines.flatMap((line) => this.line(line));
  }

  /** The stream has ended; gives what was left. */
  end(): PkgEvent[] {
    const last = this.line(this.rest);
    const broken = this.pending === '' ? [] : salvage(this.pending);
    this.rest = '';
    this.pending = '';
    return [...last, ...broken];
  }

  private line(line: string): PkgEvent[] {
    if (line.trim() === '' && this.pending === '') return [];
    if (this.pending !== '' && /^\{ ?"type"/.test(line)) {
      const broken = salvage(this.pending);
      this.pending = '';
      return [...broken, ...this.line(line)];
    }
    const text = this.pending === '' ? line : `${this.pending}\\n${line}`;
    const event = parseEvent(text);
    this.pending = event || text.length > longest || !text.startsWith('{') ? '' : text;
    return event ? [event] : [];
  }
}

function parseEvent(text: string): PkgEvent | undefined {
  const value = parseJson(text) ?? parseJson(mended(text));
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const data = 'data' in value ? value.data : undefined;
  // Whatever runs in the jail can write here too.
  if (typeof value.type !== 'string') return undefined;
  return { type: value.type, data: typeof data === 'object' && data !== null ? { ...data } : {} };
}

/** pkg escapes nothing but quotes and backslashes, and leaves commas behind. */
function mended(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, (raw) => `\\u${raw.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(/,(\s*[}\]])/g, '$1');
}

/** An error must not get lost because pkg wrote it badly. */
function salvage(text: string): PkgEvent[] {
  const type = /"type": ?"([A-Z_]+)"/.exec(text)?.[1];
  return type?.startsWith('ERROR') ? [{ type, data: { msg: text } }] : [];
}

/** Listens to the progress that events tell. */
export interface EventProgress {
  fetch(current: number, total: number, what: string): void;
  extract(current: number, total: number, what: string): void;
}

/** An error that pkg reported, with the package it was at. */
export interface ReportedError {
  /** Type of the event, such as ERROR or ERROR_LOCKED. */
  type: string;
  package: string | undefined;
  message: string;
}

const mostErrors = 100;
const longestMessage = 4096;

/** Gathers from a run's events what decides about it. */
export class RunObserver {
  readonly errors: ReportedError[] = [];
  /** The run came to its end, which neither a script's `exit 3` nor a kill nor a failed trigger leaves. */
  finished = false;
  private readonly progress: EventProgress;
  private current: string | undefined;
  private doing: 'fetch' | 'extract' | undefined;
  private what = '';

  constructor(progress: EventProgress) {
    this.progress = progress;
  }

  observe(event: PkgEvent): void {
    const { type, data } = event;
    if (isHarmless(event)) return;
    if (type.startsWith('ERROR')) this.fail(type, data);
    else if (type === 'INFO_PROGRESS_TICK') this.tick(Number(data['current']), Number(data['total']));
    else if (type === 'INFO_TRIGGERS_FINISHED') this.finished = true;
    else if (type.endsWith('_BEGIN')) this.begin(type, data);
    else if (type.endsWith('_FINISHED')) this.end();
  }

  private fail(type: string, data: PkgEvent['data']): void {
    const name = textOf(data['pkgname']);
    const message = textOf(data['msg']) ?? [type, name, textOf(data['path'])].filter(Boolean).join(' ');
    // Any of them fails the run; whatever runs in the jail can send them for ever.
    if (this.errors.length < mostErrors)
      this.errors.push({ type, package: name ?? this.current, message: message.slice(0, longestMessage) });
  }

  private begin(type: string, data: PkgEvent['data']): void {
    this.finished = false;
    const name = textOf(data['pkgname']);
    if (name !== undefined) this.current = name;
    if (type === 'INFO_TRIGGERS_BEGIN') this.current = undefined;
    if (type === 'INFO_FETCH_BEGIN') {
      this.doing = 'fetch';
      this.what = (textOf(data['url']) ?? '').split('/').at(-1) ?? '';
    } else {
      this.doing = type === 'INFO_EXTRACT_BEGIN' ? 'extract' : undefined;
      this.what = name ?? '';
    }
  }

  private end(): void {
    this.finished = false;
    this.doing = undefined;
  }

  private tick(current: number, total: number): void {
    if (this.doing === undefined || !Number.isFinite(current) || !Number.isFinite(total)) return;
    this.progress[this.doing](current, total, this.what);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
