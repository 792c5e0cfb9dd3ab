import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { BackupTarget } from '../../src/backup/backup-target.ts';
import { bringJail, tellUnchanged } from '../../src/backup/bring-jail.ts';
import type { Description } from '../../src/backup/copy.ts';
import { defaults } from '../../src/config/settings.ts';
import { refused } from '../../src/error.ts';
import { silent } from '../../src/transaction/progress.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { copy, snapshot, stored, ulid } from './stored.ts';

/** A target that takes nothing, and what it is told. */
function recordingTarget(): { target: BackupTarget; told: Description[] } {
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
  return { target, told };
}

it('a child that is lost is none from the state on that is sent, which may be from before a change', async () => {
  const { target, told } = recordingTarget();
  const before = `jtx-${ulid(5)}`;
  const source = stored([snapshot(1), snapshot(5, { name: before })]);
  const arrival = {
    backup: ulid(9),
    abilities: { modern: true },
    jail: 'web',
    snapshot: before,
    members: [{ source, description: copy([]) }],
  };
  const context = { config: defaults, progress: silent, interrupt: new AbortController().signal };
  const copies = [copy([1]), copy([1], { path: '/data', name: 'web:data' })];
  await expect(bringJail(context, arrival, target, copies)).rejects.toThrow('enough');
  expect(told.map(({ path, gone }) => [path, gone])).toEqual([['/data', ulid(5)]]);
});

it('what has not changed is told with what it has of its own by now, sent with the jail or not', async () => {
  const { target, told } = recordingTarget();
  const still = [snapshot(1), snapshot(2, { written: 0 })];
  const own = copy([], { path: '/data', properties: [['jtx:rollback', 'off']] });
  const members = [
    { source: stored([snapshot(1), snapshot(2)]), description: copy([]) },
    { source: stored(still, { name: 'zroot/jails/web/data' }), description: own },
  ];
  const away = [[ulid(0), ulid(1)] as const];
  const copies = [copy([1]), copy([1], { path: '/data', name: 'web:data', away })];
  const arrival = { backup: ulid(2), abilities: { modern: false }, jail: 'web', snapshot: snapshot(2).name };
  const context = { config: defaults, progress: silent, interrupt: new AbortController().signal };
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(bringJail(context, { ...arrival, members }, target, copies)).rejects.toThrow();
  expect(told).toMatchObject([{ path: '/data', properties: own.properties, away }]);
  await tellUnchanged({ members, backup: ulid(2) }, target, copies);
  expect(told.slice(1)).toMatchObject([{ path: '' }, { path: '/data', properties: own.properties, away }]);
});

it('of a jail of which another host has a copy there nothing is sent, nor told, also what that has not', async () => {
  const done: string[] = [];
  const target: BackupTarget = {
    name: 'nas',
    list: () => Promise.resolve([]),
    send: ({ name }) => Promise.resolve({ bytes: done.push(name) }),
    describe: (name) => Promise.resolve(void done.push(name)),
    streams: () => Promise.resolve([]),
    destroy: () => Promise.resolve([]),
    drop: () => Promise.resolve(),
  };
  const source = stored([snapshot(5)]);
  const arrival = {
    backup: ulid(5),
    abilities: { modern: true },
    jail: 'web',
    snapshot: snapshot(5).name,
    members: [
      { source, description: copy([]) },
      { source: { ...source, name: 'zroot/jails/web/data' }, description: copy([], { path: '/data' }) },
    ],
  };
  const context = { config: defaults, progress: silent, interrupt: new AbortController().signal };
  const theirs = copy([1], { host: 'there' });
  await expect(bringJail(context, arrival, target, [theirs])).rejects.toMatchObject({
    code: 'target-blocked',
    hint: expect.stringContaining(`web to web.until-${ulid(5)}, and each web:*`),
  });
  expect(done).toEqual([]);
});

it('of a jail of which nothing is in the snapshot nothing is sent, and nothing told to be gone', async () => {
  const done: string[] = [];
  const target: BackupTarget = {
    name: 'nas',
    list: () => Promise.resolve([]),
    send: ({ name }) => Promise.resolve({ bytes: done.push(name) }),
    describe: (name) => Promise.resolve(void done.push(name)),
    streams: () => Promise.resolve([]),
    destroy: () => Promise.resolve([]),
    drop: () => Promise.resolve(),
  };
  const members = { source: stored([snapshot(5)]), description: copy([], { path: '/data' }) };
  const arrival = { backup: ulid(5), abilities: { modern: true }, jail: 'web', snapshot: snapshot(5).name };
  const context = { config: defaults, progress: silent, interrupt: new AbortController().signal };
  for (const some of [[], [members]])
    await expect(
      bringJail(context, { ...arrival, members: some }, target, [copy([1])]),
    ).rejects.toMatchObject({
      code: 'dataset-gone',
    });
  expect(done).toEqual([]);
});

it('how far one has come is told with the target: another may get the same at that time', async () => {
  const told: unknown[][] = [];
  const { target } = recordingTarget();
  target.send = ({ onProgress }) => {
    onProgress?.({ sent: 1, total: undefined });
    onProgress?.({ sent: 2, total: 4 });
    return Promise.reject(refused('send-failed', 'enough'));
  };
  const progress = { ...silent, fetch: (...tick: unknown[]) => void told.push(tick) };
  const members = [{ source: stored([snapshot(5)]), description: copy([]) }];
  const arrival = { backup: ulid(5), abilities: { modern: true }, jail: 'web', snapshot: snapshot(5).name };
  const context = { config: defaults, progress, interrupt: new AbortController().signal };
  await expect(bringJail(context, { ...arrival, members }, target, [])).rejects.toThrow('enough');
  expect(told).toEqual([
    [1, 0, 'zroot/jails/web to nas'],
    [2, 4, 'zroot/jails/web to nas'],
  ]);
});

it.each([
  ['is bookmarked', [], `zfs bookmark zroot/jails/web/data@${snapshot(1).name}`],
  ['is not bookmarked again', [`jtx-to-nas-${ulid(1)}`], 'nothing'],
  [
    'is bookmarked, whatever another target has',
    [`jtx-to-usb-${ulid(1)}`],
    `zfs bookmark zroot/jails/web/data@`,
  ],
])('the base of a child that was sent and not kept, and does not change, %s', async (_, marks, expected) => {
  const directory = temporaryDirectory();
  const log = join(directory, 'log');
  writeFileSync(join(directory, 'zfs'), `#!/bin/sh\necho "zfs $*" >> ${log}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${directory}:/bin:/usr/bin`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const target: BackupTarget = {
    name: 'nas',
    list: () => Promise.resolve([]),
    send: () => Promise.reject(refused('send-failed', 'enough')),
    describe: () => Promise.resolve(),
    streams: () => Promise.resolve([]),
    destroy: () => Promise.resolve([]),
    drop: () => Promise.resolve(),
  };
  const bookmarks = marks.map((name) => snapshot(1, { name, bookmark: true }));
  const child = stored([snapshot(1), ...bookmarks, snapshot(2, { written: 0 })], {
    name: 'zroot/jails/web/data',
  });
  const top = { source: stored([snapshot(1), snapshot(2)]), description: copy([]) };
  const arrival = {
    backup: ulid(2),
    abilities: { modern: true },
    jail: 'web',
    snapshot: snapshot(2).name,
    members: [top, { source: child, description: copy([], { path: '/data' }) }],
  };
  const context = { config: defaults, progress: silent, interrupt: new AbortController().signal };
  const copies = [copy([1]), copy([1], { path: '/data', name: 'web:data' })];
  await expect(bringJail(context, arrival, target, copies)).rejects.toThrow('enough');
  const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
  expect(said || 'nothing').toContain(expected);
});
