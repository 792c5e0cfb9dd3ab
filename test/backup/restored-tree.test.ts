import { expect, it } from 'vitest';
import { sealTree } from '../../src/backup/restored-tree.ts';
import { scripted } from '../host/scripted.ts';
import { copy } from './stored.ts';

const place = { tree: 'p/jails/web.restore-X/tree', dataset: 'p/jails/web', root: '/jails/web' };
const members = [
  {
    copy: copy([1], {
      properties: [
        ['quota', '20971520'],
        ['compression', 'zstd'],
      ],
    }),
    point: { snapshot: 's', guid: '1' },
  },
];
const small = "cannot set property for 'p/x': size is less than current used or reserved space\n";

it('a tree that is larger than its quota, with the earlier states that its streams have brought, is restored without', async () => {
  const { run, calls } = scripted({ zfs: {}, 'zfs set quota=': { status: 1, stderr: small } });
  const notes = await sealTree(run, members, place);
  expect(notes).toEqual([expect.stringContaining('zfs set quota=20971520 p/jails/web')]);
  expect(calls.filter((call) => call.endsWith(` ${place.tree}`))).toContainEqual(
    expect.stringContaining('compression=zstd'),
  );
  expect(calls.at(-1)).toContain('"sealed":true');
});

it('any other failure of it is one of the restore', async () => {
  const broken = { status: 1, stderr: "cannot set property for 'p/x': permission denied\n" };
  const { run } = scripted({ zfs: {}, 'zfs set quota=': broken });
  await expect(sealTree(run, members, place)).rejects.toThrow('permission denied');
});
