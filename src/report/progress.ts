import { type Colour, colours } from './colour.ts';
import { lossyWriter } from './lossy-writer.ts';
import { Paces } from './pace.ts';
import { safeLine, safeText } from './safe-text.ts';
import { partOf, size } from './size.ts';

/** Where progress is shown. */
export interface ProgressOptions {
  stream: NodeJS.WritableStream & { columns?: number };
  tty: boolean;
  colour: boolean;
}

const barWidth = 24;
const redrawEvery = 50;
const clearLine = '\r\x1b[2K';

/**
 * Shows what a transaction does: each step on a line of its own, and on a terminal below them one line with a bar
 * that is redrawn. It never throws: a reader that has gone must not end a transaction half way.
 */
export class ProgressReporter {
  private readonly stream: ProgressOptions['stream'];
  private readonly write: (text: string) => void;
  private readonly tty: boolean;
  private readonly colour: Colour;
  private readonly paces = new Paces();
  private drawn = false;
  private drawnAt = 0;

  constructor({ stream, tty, colour }: ProgressOptions) {
    this.stream = stream;
    this.write = lossyWriter(stream);
    this.tty = tty;
    this.colour = colours(colour);
  }

  /** The step before it has ended, and this one begins. */
  step(name: string, detail?: string): void {
    const rest = detail === undefined ? '' : ` ${this.colour.dim(safeLine(detail))}`;
    this.line(`${this.colour.bold(safeLine(name))}${rest}`);
  }

  /** Bytes of a download. */
  fetch(current: number, total: number, what: string): void {
    const amount = total > 0 ? partOf(current, total) : size(current);
    const pace = this.paces.tick(what, { at: performance.now(), current }, total);
    this.bar(current, total, what, [amount, ...pace]);
  }

  /** Files of a package that is unpacked. */
  extract(current: number, total: number, what: string): void {
    this.bar(current, total, what, [total > 0 ? `${current} of ${total}` : `${current}`]);
  }

  /** Something that was said meanwhile, of one line or more. */
  note(text: string): void {
    const said = safeText(text).replace(/\n$/, '');
    if (said !== '') this.line(said);
  }

  private line(text: string): void {
    this.write(`${this.drawn ? clearLine : ''}${text}\n`);
    this.drawn = false;
    this.drawnAt = 0;
  }

  private bar(current: number, total: number, what: string, told: readonly string[]): void {
    if (!this.tty) return;
    const now = performance.now();
    if (current < total && this.drawn && now - this.drawnAt < redrawEvery) return;
    this.drawnAt = now;
    this.drawn = true;
    const part = total > 0 ? Math.min(1, Math.max(0, current / total)) : 0;
    const full = Math.round(part * barWidth);
    const bar = `  [${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] `;
    // A line that wraps could not be cleared.
    const room = Math.max(0, (this.stream.columns ?? 80) - 1);
    this.write(`${clearLine}${`${bar}${fitting(room - bar.length, what, told)}`.slice(0, room)}`);
  }
}

/** What is told, as far as all of it fits, since half a number misleads; before it what is left of the name. */
function fitting(room: number, what: string, told: readonly string[]): string {
  const fits = told.map((_, at) => told.slice(0, at + 1).join(', ')).filter((text) => text.length <= room);
  const text = fits.at(-1) ?? told[0] ?? '';
  const name = safeLine(what).slice(0, Math.max(0, room - text.length - 1));
  return name === '' ? text : `${name} ${text}`;
}
