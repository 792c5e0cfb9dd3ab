import { expect, it } from 'vitest';
import type { BackupTarget } from '../../src/backup/backup-target.ts';
import { bringJail } from '../../src/backup/bring-jail.ts';
import type { Description } from '../../src/backup/copy.ts';
import { refused } from '../../src/error.ts';
import { silent } from '../../src/transaction/progress.ts';
import { copy, snapshot, stored, ulid } from './stored.ts';

it('a child that is lost is none from the state on that is sent, which may be from before a change', async () => {
  const told: Description[] = [];
  const target: BackupTarget = {
    name: 'nas',
    list: () => Promise.resolve([]),
    send: () => Promise.reject(refused('send-failed', 'enough')),
    describe: (_name, description) => Promise.resolve(void told.push(description)),
    streams: () => Promise.resolve([]),
    destroy: () => Promise.resolve([]),
    drop: () => Promise.resolve(),
  };
  const before = `jtx-${ulid(5)}`;
  const source = stored([snapshot(1), snapshot(5, { name: before })]);
  const arrival = {
    backup: ulid(9),
    abilities: { modern: true },
    jail: 'web',
    snapshot: before,
    members: [{ source, description: copy([]) }],
  };
  const context = { progress: silent, interrupt: new AbortController().signal };
  const copies = [copy([1]), copy([1], { path: '/data', name: 'web:data' })];
  await expect(bringJail(context, arrival, target, copies)).rejects.toThrow('enough');
  expect(told.map(({ path, gone }) => [path, gone])).toEqual([['/data', ulid(5)]]);
});
