import { parseRetention, type Retention } from '../backup/retention-grammar.ts';
import { JtxError, refused } from '../error.ts';

/** How much of a pool must stay free. */
export type Floor = { percent: number } | { bytes: number };

/** The table `retention` of the configuration: what stays on this host. What is undefined keeps all. */
export interface RetentionConfig {
  /** Of the snapshots that transactions have left. */
  transactions: Retention | undefined;
  /** Of the snapshots that backups were made of. */
  backups: Retention | undefined;
  /** Where a pool has less, what only the policy keeps goes, oldest first. */
  free: Floor | undefined;
}

export const keepAll: RetentionConfig = { transactions: undefined, backups: undefined, free: undefined };

/** Reads the table `retention`. Throws `config-invalid`. */
export function parseRetentionTable(value: unknown): RetentionConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('retention must be a table');
  const { transactions, backups, free, ...rest }: Partial<Record<string, unknown>> = { ...value };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid(`retention: unknown key "${unknown}"`);
  return {
    transactions: series(transactions, 'transactions'),
    backups: series(backups, 'backups'),
    free: free === undefined ? undefined : parseFloor(free),
  };
}

function series(value: unknown, key: string): Retention | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw invalid(`retention.${key} must be a text`);
  try {
    return parseRetention(value);
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    throw refused('config-invalid', `retention.${key}: ${error.message}`, error.hint, error);
  }
}

function parseFloor(value: unknown): Floor {
  const percent = typeof value === 'string' ? /^(\d{1,2}(?:\.\d+)?)%$/.exec(value)?.[1] : undefined;
  if (percent !== undefined) return { percent: Number(percent) };
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return { bytes: value };
  throw invalid('retention.free must be a share such as "10%", or a number of bytes');
}

/** The bytes that must be free in a pool of this size. */
export function floorOf(floor: Floor, size: number): number {
  return 'bytes' in floor ? floor.bytes : Math.ceil((size * floor.percent) / 100);
}

function invalid(message: string): Error {
  return refused('config-invalid', message, 'docs/retention.md shows the table.');
}
