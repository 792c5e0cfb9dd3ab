import { envelope } from './json.ts';
import { lossyWriter } from './lossy-writer.ts';

/** Where events are told, and of which verb. */
export interface EventOptions {
  verb: string;
  stream: NodeJS.WritableStream;
}

/** Something that happened: its own fields, and when, in milliseconds since the epoch. */
interface Happened {
  event: 'step' | 'progress' | 'note';
  at: number;
  fields: Readonly<Record<string, unknown>>;
}

/** Milliseconds between two that tell of progress. */
const between = 250;

/**
 * Tells what a transaction does as events for scripts, one JSON object a line (docs/scripting.md). Of progress only the
 * newest is told, a few times a second: a jail could tell without end. It never throws, as a reader that has gone must not
 * end a transaction half way.
 */
export class EventReporter {
  private readonly verb: string;
  private readonly write: (text: string) => void;
  private id: string | null = null;
  private newest: Happened | undefined;
  private pause: NodeJS.Timeout | undefined;

  constructor({ verb, stream }: EventOptions) {
    this.verb = verb;
    this.write = lossyWriter(stream);
  }

  /** The step before it has ended, and this one begins. */
  step(name: string, detail?: string): void {
    if (name === 'started') this.id = detail ?? null;
    this.tell('step', { step: name, detail: detail ?? null });
  }

  /** Bytes of a download. */
  fetch(current: number, total: number, what: string): void {
    this.tick({ what, current, total: total > 0 ? total : null, unit: 'bytes' });
  }

  /** Files of a package that is unpacked. */
  extract(current: number, total: number, what: string): void {
    this.tick({ what, current, total: total > 0 ? total : null, unit: 'files' });
  }

  /** Something that was said meanwhile. */
  note(text: string): void {
    this.tell('note', { text });
  }

  /** Nothing comes after it but the result. */
  end(): void {
    this.tellNewest();
    clearTimeout(this.pause);
  }

  private tell(event: Happened['event'], fields: Happened['fields']): void {
    this.tellNewest();
    this.print({ event, at: Date.now(), fields });
  }

  private tick(fields: Happened['fields']): void {
    this.newest = { event: 'progress', at: Date.now(), fields };
    if (this.pause === undefined) this.tellInTurn();
  }

  private tellInTurn(): void {
    this.pause = undefined;
    if (!this.tellNewest()) return;
    this.pause = setTimeout(() => this.tellInTurn(), between);
    this.pause.unref();
  }

  /** Gives whether there was something to tell. */
  private tellNewest(): boolean {
    const { newest } = this;
    if (newest === undefined) return false;
    this.newest = undefined;
    this.print(newest);
    return true;
  }

  private print({ event, at, fields }: Happened): void {
    const body = { event, id: this.id, at: new Date(at).toISOString(), ...fields };
    this.write(`${envelope(this.verb, body)}\n`);
  }
}
