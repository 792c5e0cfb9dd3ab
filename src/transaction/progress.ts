/** What a transaction tells while it runs. A terminal, a pipe and a test each listen in their own way. */
export interface Progress {
  /** Of the step `started` the detail is the transaction's id. */
  step(name: string, detail?: string): void;
  /** Bytes; `total` is 0 where it is unknown. */
  fetch(current: number, total: number, what: string): void;
  /** Files of a package; `total` as of {@link fetch}. */
  extract(current: number, total: number, what: string): void;
  note(text: string): void;
}

/** Listens to nothing. */
export const silent: Progress = { step() {}, fetch() {}, extract() {}, note() {} };
