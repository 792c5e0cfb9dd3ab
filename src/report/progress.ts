import { type Colour, colours } from './colour.ts';
import { safeLine, safeText } from './safe-text.ts';
import { size } from './size.ts';

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
  private readonly tty: boolean;
  private readonly colour: Colour;
  private lost = false;
  private drawn = false;
  private drawnAt = 0;

  constructor({ stream, tty, colour }: ProgressOptions) {
    this.stream = stream;
    this.tty = tty;
    this.colour = colours(colour);
    stream.on('error', () => {
      this.lost = true;
    });
  }

  /** The step before it has ended, and this one begins. */
  step(name: string, detail?: string): void {
    const rest = detail === undefined ? '' : ` ${this.colour.dim(safeLine(detail))}`;
    this.line(`${this.colour.bold(safeLine(name))}${rest}`);
  }

  /** Bytes of a download. */
  fetch(current: number, total: number, what: string): void {
    const amount = total > 0 ? `${size(current)} of ${size(total)}` : size(current);
    this.bar(current, total, `${what} ${amount}`);
  }

  /** Files of a package that is unpacked. */
  extract(current: number, total: number, what: string): void {
    this.bar(current, total, `${what} ${total > 0 ? `${current} of ${total}` : current}`);
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

  private bar(current: number, total: number, text: string): void {
    if (!this.tty) return;
    const now = performance.now();
    if (current < total && this.drawn && now - this.drawnAt < redrawEvery) return;
    this.drawnAt = now;
    this.drawn = true;
    const part = total > 0 ? Math.min(1, Math.max(0, current / total)) : 0;
    const full = Math.round(part * barWidth);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`;
    // A line that wraps could not be cleared.
    const room = Math.max(0, (this.stream.columns ?? 80) - 1);
    this.write(`${clearLine}${`  ${bar} ${safeLine(text)}`.slice(0, room)}`);
  }

  private write(text: string): void {
    if (this.lost) return;
    try {
      this.stream.write(text);
    } catch {
      this.lost = true;
    }
  }
}
