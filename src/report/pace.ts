import { size } from './size.ts';
import { duration } from './time.ts';

/** How much of something has come by a moment. */
export interface Tick {
  /** Milliseconds, of a clock that is never set back. */
  at: number;
  /** Bytes. */
  current: number;
}

/** Milliseconds within which nothing can be said yet. */
const soonest = 1000;
const most = 16;

/**
 * How fast something comes, and in what time it will all be there, as far as that is known: "3.1 MiB/s" and "12 s left".
 * `total` is bytes, 0 where it is unknown.
 */
export function pace(first: Tick, last: Tick, total: number): string[] {
  const elapsed = last.at - first.at;
  const come = last.current - first.current;
  if (!(elapsed >= soonest && come >= 0)) return [];
  const rate = come / (elapsed / 1000);
  const told = `${size(Math.round(rate))}/s`;
  if (come === 0 || total <= last.current) return [told];
  const seconds = Math.ceil((total - last.current) / rate);
  return [told, `${seconds < 10 ? `${seconds} s` : duration(seconds * 1000)} left`];
}

/** The {@link pace} of each thing that comes, some of them at the same time, since its first tick. */
export class Paces {
  private readonly known = new Map<string, { first: Tick; last: Tick; total: number }>();

  /** Takes a tick of a thing. One that goes back, or has another total, is the first of the next that has this name. */
  tick(what: string, last: Tick, total: number): string[] {
    const before = this.known.get(what);
    const goesOn = before !== undefined && before.total === total && before.last.current <= last.current;
    const first = goesOn ? before.first : last;
    this.known.delete(what);
    this.known.set(what, { first, last, total });
    this.forget();
    return pace(first, last, total);
  }

  /** A jail can name as many things as it likes. */
  private forget(): void {
    const [oldest] = this.known.keys();
    if (this.known.size > most && oldest !== undefined) this.known.delete(oldest);
  }
}
