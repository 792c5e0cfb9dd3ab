import { type Run, succeeded } from '../host/run.ts';
import { datasetName } from './names.ts';
import type { Abilities } from './send.ts';

/** Bytes of a pool, as its file systems see them. */
export interface Room {
  free: number;
  /** Free and used together. */
  size: number;
}

/**
 * How much room a pool has. OpenZFS goes on freeing after what was destroyed is gone: that is waited for first. Throws
 * `command-failed`.
 */
export async function roomOf(run: Run, { modern }: Abilities, pool: string): Promise<Room> {
  // One that cannot wait (before 2.0) is measured as it is.
  if (modern) await run(['zpool', 'wait', '-t', 'free', pool]);
  const got = await run(['zfs', 'get', '-Hp', '-o', 'property,value', 'available,used', datasetName(pool)]);
  const rows = succeeded(got)
    .stdout.split('\n')
    .map((line) => line.split('\t'));
  const [free = 0, used = 0] = ['available', 'used'].map((property) =>
    Number(rows.find(([name]) => name === property)?.[1] ?? 0),
  );
  return { free, size: free + used };
}
