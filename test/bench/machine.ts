import { cpus, totalmem } from 'node:os';

/** What was measured on, in one line. */
export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${cpus()[0]?.model ?? '?'}, ${memory} GiB, node ${process.version}`;
}
