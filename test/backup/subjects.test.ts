import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findSubjects, isWhole, listTrees, membersIn, type Subjects } from '../../src/backup/subjects.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { scripted } from '../host/scripted.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { asLines, asRows } from '../zfs/printed.ts';
import { snapshot, stored, ulid } from './stored.ts';

const subject = (dataset: string): { dataset: string } => ({ dataset });
const web = asLines(
  'guid createtxg mounted userrefs origin written encryptionroot receive_resume_token clones mountpoint jtx:tx jtx:backup jtx:backup-of'.split(
    ' ',
  ),
  { 'zroot/jails/web': {} },
);
const listing = /^zfs get -Hp -r .*? (zroot.*)$/;

test('no more is listed than what the jails have, and a jail within another once', async () => {
  const { run, calls } = scripted({ 'zfs get': { stdout: web } });
  const found = await listTrees(
    run,
    ['zroot/jails/web', 'zroot/jails/web/inner', 'zroot/jails/db'].map(subject),
  );
  expect([...found.keys()]).toEqual(['zroot/jails/web']);
  expect(calls.map((call) => listing.exec(call)?.[1])).toEqual(['zroot/jails/web zroot/jails/db']);
});

test('where one has gone the others are still listed', async () => {
  const gone = "cannot open 'zroot/jails/gone': dataset does not exist\n";
  const { run, calls } = scripted({ 'zfs get': [{ status: 1, stderr: gone }, { stdout: web }] });
  const found = await listTrees(run, ['zroot/jails/gone', 'zroot/jails/web'].map(subject));
  expect([...found.keys()]).toEqual(['zroot/jails/web']);
  expect(calls.map((call) => listing.exec(call)?.[1])).toEqual(['zroot/jails/gone zroot/jails/web', 'zroot']);
});

test('a pool that cannot be listed either is told', async () => {
  const { run } = scripted({ 'zfs get': { status: 1, stderr: 'the pool is suspended\n' } });
  await expect(listTrees(run, [subject('zroot/jails/web')])).rejects.toMatchObject({
    code: 'command-failed',
  });
});

/** What is found on a host on which `web` runs, and sshd(8) in a service jail. */
function besideService(names: readonly string[]): Promise<Subjects> {
  const directory = temporaryDirectory();
  const root = join(directory, 'web');
  mkdirSync(root);
  const jail = [
    { jid: '1', name: 'web', path: root, dying: false },
    { jid: '2', name: 'svcj-sshd', path: '/', dying: false },
  ];
  const mounted = [
    { special: 'zroot/root', node: '/', fstype: 'zfs' },
    { special: 'zroot/jails/web', node: root, fstype: 'zfs' },
  ];
  const { run } = scripted({
    jls: { stdout: JSON.stringify({ 'jail-information': { jail } }) },
    mount: { stdout: JSON.stringify({ mount: { mounted } }) },
  });
  const config = { ...parseConfig('', 'none'), jailConf: join(directory, 'jail.conf') };
  return findSubjects(run, config, names, []);
}

test('a service jail, which has the root of the host, is none of all jails', async () => {
  const { found, failed } = await besideService([]);
  expect([found.map(({ jail, dataset }) => [jail.name, dataset]), failed]).toEqual([
    [['web', 'zroot/jails/web']],
    [],
  ]);
});

test('a service jail that is named is refused', async () => {
  expect(await besideService(['svcj-sshd'])).toMatchObject({
    found: [],
    failed: [{ jail: 'svcj-sshd', error: { code: 'root-is-host' } }],
  });
});

/** What is found on a host on which `web` runs, a jail in a directory of it, and one in a directory of the host. */
function withDirectories(names: readonly string[]): Promise<Subjects> {
  const directory = temporaryDirectory();
  const web = join(directory, 'web');
  const inner = join(web, 'usr/jails/inner');
  const plain = join(directory, 'plain');
  for (const root of [inner, plain]) mkdirSync(root, { recursive: true });
  const jail = [
    { jid: '1', name: 'web', path: web, dying: false },
    { jid: '2', name: 'web.inner', path: inner, dying: false },
    { jid: '3', name: 'plain', path: plain, dying: false },
  ];
  const mounted = [
    { special: 'zroot/root', node: '/', fstype: 'zfs' },
    { special: 'zroot/jails/web', node: web, fstype: 'zfs' },
    { special: 'zroot/jails/web/usr', node: join(web, 'usr'), fstype: 'zfs' },
  ];
  const { run } = scripted({
    jls: { stdout: JSON.stringify({ 'jail-information': { jail } }) },
    mount: { stdout: JSON.stringify({ mount: { mounted } }) },
    'zfs list': { stdout: '' },
  });
  const config = { ...parseConfig('', 'none'), jailConf: join(directory, 'jail.conf') };
  return findSubjects(run, config, names, []);
}

test('a jail in a directory of another goes with that; one in a directory of the host cannot be backed up', async () => {
  const { found, failed } = await withDirectories([]);
  expect(found.map(({ jail }) => jail.name)).toEqual(['web']);
  expect(failed).toMatchObject([{ jail: 'plain', error: { code: 'root-not-dataset' } }]);
});

test('a jail in a directory of another that is named is refused', async () => {
  expect(await withDirectories(['web.inner'])).toMatchObject({
    found: [],
    failed: [{ jail: 'web.inner', error: { code: 'root-not-dataset' } }],
  });
});

/**
 * What is found of jails that had backups, on a host on which none runs: `web` lies below the jails root, `app` where
 * iocage keeps it on this host, `plain` in a directory, `gone` nowhere, `asleep` in a dataset that is not mounted. In
 * jail.conf(5) there is, for `web`, also the name that is given.
 */
function stopped(
  names: readonly string[],
  earlier: readonly string[],
  configured?: string,
): Promise<Subjects> {
  const directory = temporaryDirectory();
  const jails = join(directory, 'jails');
  const roots = {
    web: join(jails, 'web'),
    app: join(directory, 'iocage/jails/app/root'),
    replica: join(directory, 'replicas/iocage/jails/app/root'),
    plain: join(jails, 'plain'),
    asleep: join(jails, 'asleep'),
    never: join(jails, 'never'),
  };
  for (const root of Object.values(roots)) mkdirSync(root, { recursive: true });
  const mounted = [
    { special: 'zroot/root', node: '/', fstype: 'zfs' },
    { special: 'tank/replicas/app', node: roots.replica, fstype: 'zfs', opts: ['read-only'] },
    { special: 'zroot/iocage/jails/app/root', node: roots.app, fstype: 'zfs' },
    ...['web', 'never'].map((name) => ({
      special: `zroot/jails/${name}`,
      node: join(jails, name),
      fstype: 'zfs',
    })),
  ];
  const jailConf = join(directory, 'jail.conf');
  writeFileSync(jailConf, '');
  const { run } = scripted({
    jls: { stdout: JSON.stringify({ 'jail-information': { jail: [] } }) },
    jail: { stdout: configured === undefined ? '' : `name=${configured}\u001fpath=${roots.web}\n` },
    mount: { stdout: JSON.stringify({ mount: { mounted } }) },
    'zfs list': {
      stdout: asRows([['zroot/jails/asleep', 'filesystem', 'no', 'off', roots.asleep, '-']]),
    },
  });
  return findSubjects(run, { ...parseConfig('', 'none'), jailsRoot: jails, jailConf }, names, earlier);
}

const had = ['app', 'asleep', 'gone', 'plain', 'web'];

test('of jails that had backups and are stopped all that have a dataset are found, and none that never had one', async () => {
  const { found, failed } = await stopped([], had);
  expect(found.map(({ jail, dataset }) => [jail.name, dataset])).toEqual([
    ['app', 'zroot/iocage/jails/app/root'],
    ['web', 'zroot/jails/web'],
  ]);
  expect(failed).toMatchObject([{ jail: 'asleep', error: { code: 'dataset-not-mounted' } }]);
  expect(await stopped([], [])).toEqual({ found: [], failed: [] });
});

test('a jail that has another name by now is that one alone', async () => {
  const { found } = await stopped([], ['web'], 'www');
  expect(found.map(({ jail }) => jail.name)).toEqual(['www']);
});

test('one that is named is found where its manager keeps it, if it had backups', async () => {
  const { found, failed } = await stopped(['app', 'plain'], had);
  expect(found.map(({ dataset }) => dataset)).toEqual(['zroot/iocage/jails/app/root']);
  expect(failed).toMatchObject([{ jail: 'plain', error: { code: 'root-not-dataset' } }]);
  expect((await stopped(['app'], [])).failed).toMatchObject([{ error: { code: 'jail-unknown' } }]);
});

test('of a snapshot that nothing has nothing of the jail is a part, nor what is younger, nor what is marked off', () => {
  const { name: dataset } = stored([]);
  const before = `jtx-${ulid(5)}`;
  const has = (at: string) => [snapshot(5, { name: at })];
  const inventory = new Map(
    [
      stored(has(before)),
      stored(has(before), { name: `${dataset}/data` }),
      stored(has(before), { name: `${dataset}/off`, backup: 'off' }),
      stored([snapshot(6)], { name: `${dataset}/young` }),
    ].map((one) => [one.name, one]),
  );
  const within = (at: string) => membersIn(inventory, { dataset }, at);
  expect(within(before).map(({ name }) => name)).toEqual([dataset, `${dataset}/data`]);
  expect(isWhole({ dataset, members: within(before) })).toBe(true);
  expect(within(`jtx-${ulid(4)}`)).toEqual([]);
  expect(isWhole({ dataset, members: within(snapshot(6).name) })).toBe(false);
});
