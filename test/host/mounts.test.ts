import { expect, test } from 'vitest';
import { listMounts, mountDevfs, parseMounts, requireRuleset, unmount } from '../../src/host/mounts.ts';
import { recordedRun } from './recording.ts';
import { scripted } from './scripted.ts';

const entry = { special: 'zroot/jails/pg', node: '/jails/pg', fstype: 'zfs', opts: ['local'] };
const text = JSON.stringify({ __version: '1', mount: { mounted: [entry] } });

test('what is mounted', async () => {
  const { run, calls } = scripted({ mount: { stdout: text } });
  expect(await listMounts(run)).toEqual([{ special: 'zroot/jails/pg', node: '/jails/pg', fstype: 'zfs' }]);
  expect(calls).toEqual(['mount --libxo=json']);
});

test.each([
  [['local', 'read-only'], true],
  [['local', 'noexec'], undefined],
  [undefined, undefined],
])('whether it can be written through a mount with the options %j', (opts, readonly) => {
  const mounted = [{ ...entry, opts }];
  expect(parseMounts(JSON.stringify({ mount: { mounted } }))[0]?.readonly).toBe(readonly);
});

test.each(['', 'zroot on / (zfs, local)', '{}', 'null', '{"mount": {"mounted": {}}}'])(
  '%j is not taken for a host without mounts',
  (printed) => {
    expect(() => parseMounts(printed)).toThrow(expect.objectContaining({ code: 'mounts-unreadable' }));
  },
);

test('a mount(8) that fails is told', async () => {
  const { run } = scripted({ mount: { status: 1, stderr: 'mount: illegal option\n' } });
  await expect(listMounts(run)).rejects.toMatchObject({ code: 'command-failed' });
});

test('a devfs is mounted with its ruleset', async () => {
  const { run, calls, options } = scripted({ mount: {} });
  await mountDevfs(run, '/jails/pg/dev', 4);
  expect(calls).toEqual(['mount -t devfs -o ruleset=4 devfs /jails/pg/dev']);
  expect(options).toEqual([{ changes: true }]);
});

test('unmounting where nothing is mounted is fine, as recorded', async () => {
  const { output, status } = recordedRun('devfs', 'umount -f /jails/pg/dev');
  await unmount(scripted({ umount: { status, stderr: output } }).run, '/jails/pg/dev');
});

test('a busy one is told, as recorded', async () => {
  const { output, status } = recordedRun('devfs', 'umount /jails/pg/dev', 0);
  const finished = unmount(scripted({ umount: { status, stderr: output } }).run, '/jails/pg/dev');
  await expect(finished).rejects.toThrow('Device busy');
});

test('a loaded ruleset passes', async () => {
  const { output } = recordedRun('devfs', 'devfs rule showsets; devfs rule -s 4 show');
  await requireRuleset(scripted({ devfs: { stdout: output } }).run, 4);
});

test.each([
  ['none is loaded', { stdout: '' }],
  ['only a longer number is', { stdout: '40\n14\n' }],
  ['devfs(8) fails', { status: 1, stderr: 'devfs rule: ioctl DEVFSIO_SGETNEXT: Operation not permitted\n' }],
])('a ruleset is refused where %s', async (_what, answer) => {
  await expect(requireRuleset(scripted({ devfs: answer }).run, 4)).rejects.toMatchObject({
    code: 'devfs-ruleset-missing',
    outcome: 'refused',
  });
});
