import { machine } from './machine.ts';
import type { Measured } from './pairs.ts';

/** A figure, and what it should stay under where there is such an aim. */
export interface Figure {
  name: string;
  ratio: number;
  limit: number | null;
}

/** Tells figures: to people each as soon as it is known, as measuring takes long; to programs a list at the end. */
export class Teller {
  private readonly figures: Figure[] = [];
  private readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
    this.say(machine());
  }

  /** What was timed: two commands in turn. */
  tell(one: Measured): void {
    const { milliseconds, against, ...figure } = one;
    this.tellAs(`${milliseconds.toFixed(0)} ms / ${against.toFixed(0)} ms`, figure);
  }

  /** What was measured otherwise, with the amounts in words. */
  tellAs(amounts: string, figure: Figure): void {
    this.figures.push(figure);
    const { name, ratio, limit } = figure;
    const aim = limit === null ? '' : ` (aim: at most ${limit})`;
    this.say(`${ratio.toFixed(2)}  ${amounts}  ${name}${aim}`);
  }

  /** A word on the measurement, which is no part of the list. */
  say(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  end(): void {
    if (this.json) process.stdout.write(`${JSON.stringify(this.figures, null, 1)}\n`);
  }
}
