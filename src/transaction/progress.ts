/** What a transaction tells while it runs. A terminal, a pipe and a test each listen in their own way. */
export interface Progress {
  step(name: string, detail?: string): void;
  fetch(current: number, total: number, what: string): void;
  extract(current: number, total: number, what: string): void;
  note(text: string): void;
}

/** Listens to nothing. */
export const silent: Progress = { step() {}, fetch() {}, extract() {}, note() {} };
