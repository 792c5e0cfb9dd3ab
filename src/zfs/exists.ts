import type { Run } from '../host/run.ts';

/** Whether there is a dataset or a snapshot of this name. */
export async function exists(run: Run, name: string): Promise<boolean> {
  return (await run(['zfs', 'list', '-H', '-o', 'name', name])).status === 0;
}
