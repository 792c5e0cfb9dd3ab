import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { listContainers } from '../../src/backup/container.ts';
import { DirectoryTarget } from '../../src/backup/directory-target.ts';
import { findBackup } from '../../src/backup/find-backup.ts';
import { restore } from '../../src/backup/restore.ts';
import { placeFor } from '../../src/backup/restore-place.ts';
import { sealTree } from '../../src/backup/restored-tree.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { JtxError, type Outcome } from '../../src/error.ts';
import { Journal } from '../../src/journal/journal.ts';
import { silent } from '../../src/transaction/progress.ts';
import { rollback } from '../../src/transaction/rollback.ts';
import { destroyTree } from '../../src/zfs/clone.ts';

vi.mock('../../src/backup/container.ts');
vi.mock('../../src/backup/find-backup.ts');
vi.mock('../../src/backup/receive-tree.ts');
vi.mock('../../src/backup/restore-place.ts');
vi.mock('../../src/backup/restored-tree.ts');
vi.mock('../../src/transaction/rollback.ts');
vi.mock('../../src/zfs/clone.ts');

test.each<[string, Outcome]>([
  ['refused', 'refused'],
  ['busy with another change', 'busy'],
  ['interrupted', 'rolled-back'],
])('what has come for a jail that is then %s goes again', async (_what, outcome) => {
  const directory = mkdtempSync(join(tmpdir(), 'jtx-restore-'));
  const file = join(directory, 'journal.db');
  const journal = Journal.open(file);
  const abilities = { modern: true };
  const target = new DirectoryTarget('usb', directory, abilities);
  const place = { root: '/jails/web', dataset: 'zroot/jails/web', occupied: true };
  const error = new JtxError({ code: 'x', outcome, message: 'x' });
  vi.mocked(placeFor).mockResolvedValue(place);
  vi.mocked(listContainers).mockResolvedValue([]);
  vi.mocked(findBackup).mockResolvedValue({
    target,
    backup: '01K00000000000000000000000',
    members: [],
    described: '01K00000000000000000000000',
    abilities,
    notes: [],
  });
  vi.mocked(sealTree).mockResolvedValue([]);
  vi.mocked(rollback).mockRejectedValue(error);
  vi.mocked(destroyTree).mockClear();
  const context = {
    config: parseConfig(`journal = "${file}"`, 'jtx.toml'),
    journal,
    progress: silent,
    interrupt: new AbortController().signal,
    environment: {},
  };
  try {
    const wanted = { jail: 'web', from: undefined, at: undefined, as: undefined, planOnly: false };
    await expect(restore(context, wanted)).rejects.toBe(error);
    const came = expect.stringMatching(/^zroot\/jails\/web\.aside-[0-9A-Z]{26}$/);
    expect(vi.mocked(destroyTree).mock.calls.map(([, tree]) => tree)).toEqual([came]);
  } finally {
    journal.close();
    rmSync(directory, { recursive: true });
  }
});
