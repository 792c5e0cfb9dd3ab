/** libpkg's result codes that become exit statuses as they are. */
export const STATUS = {
  ok: 0,
  failure: 1,
  warn: 2,
  fatal: 3,
  locked: 7,
  noDatabase: 8,
  upToDate: 9,
  conflict: 14,
  notFound: 21,
} as const;

/** Ends the run with a status, locks and databases closed in order. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}
