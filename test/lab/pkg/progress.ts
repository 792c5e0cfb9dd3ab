/** pkg's progress line where standard output is no terminal: a dot for each tenth. */
export class Progress {
  readonly #print: (text: string) => void;
  #label = '';
  #started = false;
  #interrupted = false;
  #lastPercent = -1;

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  start(label: string): void {
    this.#label = label;
    this.#started = true;
    this.#interrupted = false;
    this.#lastPercent = -1;
    this.#print(`${label}: `);
  }

  tick(current: number, total: number): void {
    if (!this.#started) return;
    if (this.#interrupted) {
      this.#print(`${this.#label}...`);
    } else {
      const percent = total === 0 ? 100 : Math.trunc((current * 100) / total);
      if (Math.trunc(this.#lastPercent / 10) < Math.trunc(percent / 10)) {
        this.#lastPercent = percent;
        this.#print('.');
      }
    }
    this.#interrupted = false;
    if (current >= total) this.stop();
  }

  stop(): void {
    if (this.#started) this.#print(' done\n');
    this.#started = false;
    this.#interrupted = false;
  }

  /** Anything else that happens breaks the line. */
  interrupt(): void {
    if (!this.#started || this.#interrupted) return;
    this.#print('\n');
    this.#interrupted = true;
  }
}
