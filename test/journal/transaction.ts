import { ulid } from 'ulid';
import type { NewTransaction } from '../../src/journal/rows.ts';

/** A transaction as the engine begins it. */
export function newTransaction(over: Partial<NewTransaction> = {}): NewTransaction {
  const id = over.id ?? ulid();
  return {
    id,
    jail: 'web',
    root: '/jails/web',
    dataset: 'zroot/jails/web',
    verb: 'install',
    arguments: ['nginx'],
    pid: 4711,
    started: 1_760_000_000_000,
    version: '0.1.0',
    restart: false,
    snapshot: `jtx-${id}`,
    datasets: [{ name: 'zroot/jails/web', mountpoint: '/jails/web', mounted: true, reverted: true }],
    before: 'digest',
    ...over,
  };
}
