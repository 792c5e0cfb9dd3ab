import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Config } from '../../src/config/settings.ts';
import { refused } from '../../src/error.ts';
import { everyJail, findAmong, findJail, listKnown, ownNames } from '../../src/jail/find.ts';
import { requireAlone } from '../../src/transaction/subject.ts';
import { type ScriptedHost, scripted } from '../host/scripted.ts';
import { temporaryDirectory } from '../host/temporary.ts';

interface Listed {
  name: string;
  path: string;
  dying?: boolean;
}

/** A host with `<jails>/pg` and the jails that it is told of. */
function host(
  running: (jails: string) => Listed[],
  configured: (jails: string) => Listed[],
): ScriptedHost & {
  jails: string;
  config: Config;
  find: (name: string, before?: string) => ReturnType<typeof findJail>;
} {
  const directory = temporaryDirectory();
  const jails = join(directory, 'jails');
  mkdirSync(join(jails, 'pg'), { recursive: true });
  const jailConf = join(directory, 'jail.conf');
  writeFileSync(jailConf, '');
  const jail = running(jails).map((entry, index) => ({ jid: String(index + 1), dying: false, ...entry }));
  const lines = configured(jails).map(({ name, path }) => `name=${name}\u001fpath=${path}\n`);
  const answers = scripted({
    jls: { stdout: JSON.stringify({ 'jail-information': { jail } }) },
    jail: { stdout: lines.join('') },
  });
  const config = { ...parseConfig('', 'none'), jailsRoot: jails, jailConf };
  return { ...answers, jails, config, find: (name, before) => findJail(answers.run, config, name, before) };
}

const none = (): Listed[] => [];

test('a directory in the jails root, neither running nor configured', async () => {
  const { jails, find } = host(none, none);
  expect(await find('pg')).toEqual({
    name: 'pg',
    root: join(jails, 'pg'),
    running: undefined,
    configured: false,
    bases: [],
    covers: [],
    others: [],
  });
});

test('a configured one, whose path may be a symlink', async () => {
  const { jails, find } = host(none, (at) => [{ name: 'db', path: join(at, 'link') }]);
  symlinkSync('pg', join(jails, 'link'));
  expect(await find('db')).toMatchObject({ root: join(jails, 'pg'), configured: true, running: undefined });
});

test('what its table mounts is known by the name that jail.conf has for the root, too', async () => {
  const { jails, config, run } = host(none, none);
  const root = join(jails, 'link');
  symlinkSync('pg', root);
  const fstab = join(jails, 'fstab.db');
  writeFileSync(fstab, `/base ${root}/.base nullfs ro 0 0\nz/local ${root}/usr/local zfs rw 0 0\n`);
  const entry = { name: 'db', path: root, fstab, mounts: [], depends: [], unmountsMore: false };
  expect(findAmong({ ...(await listKnown(run, config)), configured: [entry] }, config, 'db')).toMatchObject({
    bases: [{ special: '/base', path: '.base' }],
    covers: [{ special: 'z/local', path: 'usr/local', type: 'zfs' }],
  });
});

test('where a jail runs counts for more than what its configuration says now', async () => {
  const { jails, find } = host(
    (at) => [{ name: 'db', path: join(at, 'pg') }],
    () => [{ name: 'db', path: '/elsewhere' }],
  );
  const found = await find('db');
  expect(found).toMatchObject({ root: join(jails, 'pg'), configured: true, running: { name: 'db', jid: 1 } });
});

test('jails that run on the root or below it are told, neighbours are not', async () => {
  const { find } = host(
    (at) => [
      { name: 'pg', path: join(at, 'pg') },
      { name: 'same', path: join(at, 'pg') },
      { name: 'pg.child', path: join(at, 'pg/jails/child') },
      { name: 'pg2', path: join(at, 'pg2') },
      { name: 'outer', path: at },
      { name: 'service', path: '/' },
      { name: 'old', path: join(at, 'pg'), dying: true },
    ],
    none,
  );
  const found = await find('pg');
  expect(found.running?.name).toBe('pg');
  expect(found.others.map((jail) => jail.name)).toEqual(['pg', 'same', 'pg.child', 'outer']);
});

test('a jail that runs on the root under another name is not this one: it could not be started again', async () => {
  const { find } = host(
    (at) => [{ name: 'hand', path: join(at, 'pg') }],
    (at) => [{ name: 'pg', path: join(at, 'pg') }],
  );
  expect(await find('pg')).toMatchObject({
    running: undefined,
    configured: true,
    others: [{ name: 'hand' }],
  });
});

test('a dying jail does not run', async () => {
  const { find } = host((at) => [{ name: 'pg', path: join(at, 'pg'), dying: true }], none);
  expect(await find('pg')).toMatchObject({ running: undefined, others: [] });
});

test('an unknown jail is refused, with the names that are known', async () => {
  const { find } = host(
    (at) => [{ name: 'web', path: join(at, 'web') }],
    (at) => [
      { name: 'web', path: join(at, 'web') },
      { name: 'db', path: join(at, 'pg') },
    ],
  );
  await expect(find('dbb')).rejects.toMatchObject({ code: 'jail-unknown', hint: 'Known: db, web.' });
});

test('a configured jail whose root is missing is not called unknown', async () => {
  const { find } = host(none, () => [{ name: 'db', path: '/no/such/root' }]);
  await expect(find('db')).rejects.toThrow('the root of jail db, /no/such/root, does not exist');
});

test('the host itself is no jail, however it is named', async () => {
  const { jails, find } = host(none, () => [{ name: 'all', path: '/' }]);
  symlinkSync('/', join(jails, 'slash'));
  for (const name of ['all', 'slash']) {
    await expect(find(name)).rejects.toMatchObject({ code: 'root-is-host', outcome: 'refused' });
  }
});

test('of all jails neither a throw-away one, nor one with the root of the host, nor one root twice', () => {
  const running = [
    { name: 'pg', path: '/jails/pg' },
    { name: 'ioc-web', path: '/jails/web' },
    { name: 'hand', path: '/jails/hand' },
    { name: 'jtx-01k00000000000000000000000', path: '/jails/pg' },
    { name: 'svcj-sshd', path: '/' },
  ].map((jail, jid) => ({ jid, dying: false, ...jail }));
  const configured = [
    { name: 'web', path: '/jails/web' },
    { name: 'pg', path: '/jails/pg' },
    { name: 'all', path: '/' },
  ].map((jail) => ({ fstab: undefined, mounts: [], depends: [], unmountsMore: false, ...jail }));
  const broken = [{ name: 'bad', error: refused('jail-conf-invalid', 'jail: bad.conf: unexpected EOF') }];
  expect(everyJail({ running, configured, broken })).toEqual(['bad', 'hand', 'pg', 'web']);
});

test('a jail with a file of its own that cannot be read is found while it runs, and nowhere guessed at', () => {
  const jailsRoot = temporaryDirectory();
  const config = { ...parseConfig('', 'none'), jailsRoot };
  mkdirSync(join(jailsRoot, 'bad'));
  const error = refused('jail-conf-invalid', 'jail: bad.conf: unexpected EOF');
  const known = { configured: [], broken: [{ name: 'bad', error }] };
  expect(() => findAmong({ ...known, running: [] }, config, 'bad')).toThrow(error);
  const running = [{ jid: 1, name: 'bad', path: join(jailsRoot, 'bad'), dying: false }];
  expect(findAmong({ ...known, running }, config, 'bad')).toMatchObject({ configured: false, broken: error });
});

/** iocage keeps `web.one` beside the jails root, and the kernel knows it as `ioc-web_one`. */
function iocage(
  more: (jails: string) => Listed[] = none,
  configured: (jails: string) => Listed[] = none,
): ReturnType<typeof host> & { root: string } {
  const rootBeside = (jails: string): string => join(jails, '../iocage/jails/web.one/root');
  const at = host((jails) => [{ name: 'ioc-web_one', path: rootBeside(jails) }, ...more(jails)], configured);
  mkdirSync(rootBeside(at.jails), { recursive: true });
  return { ...at, root: rootBeside(at.jails) };
}

test.each(['web.one', 'ioc-web_one'])(
  'a jail that its manager runs under another name is one, asked for as %s',
  async (name) => {
    const { root, find } = iocage();
    const found = await find(name);
    expect(found).toMatchObject({
      name: 'web.one',
      root,
      configured: false,
      running: { name: 'ioc-web_one' },
    });
    expect(() => requireAlone(found)).not.toThrow();
  },
);

test('what else runs on the root of such a jail is another', async () => {
  const { root, find } = iocage((jails) => [
    { name: 'hand', path: join(jails, '../iocage/jails/web.one/root') },
  ]);
  const found = await find('web.one');
  expect(found.running?.name).toBe('ioc-web_one');
  expect(() => requireAlone(found)).toThrow(`jail hand (jid 2) runs on ${root} too`);
});

test('its name is its own where it is that of another jail too', async () => {
  const running = iocage((jails) => [{ name: 'web.one', path: join(jails, 'pg') }]);
  expect(await running.find('ioc-web_one')).toMatchObject({ name: 'ioc-web_one', root: running.root });
  expect(await running.find('web.one')).toMatchObject({ name: 'web.one', root: join(running.jails, 'pg') });
  const lying = iocage();
  mkdirSync(join(lying.jails, 'web.one'));
  expect(await lying.find('ioc-web_one')).toMatchObject({ name: 'ioc-web_one', root: lying.root });
  const configured = iocage(none, (jails) => [
    { name: 'web.one', path: join(jails, '../iocage/jails/web.one/root') },
  ]);
  expect(await configured.find('ioc-web_one')).toMatchObject({ name: 'ioc-web_one', configured: false });
  expect(await configured.find('web.one')).toMatchObject({ configured: true, running: undefined });
});

test('where it lay is where a jail is that is stopped, and that no place by its name leads to', async () => {
  const { jails, find } = host(none, none);
  const root = join(jails, '../iocage/jails/web.one/root');
  mkdirSync(root, { recursive: true });
  for (const name of ['web.one', 'ioc-web_one']) {
    await expect(find(name)).rejects.toMatchObject({ code: 'jail-unknown' });
    expect(await find(name, root)).toMatchObject({ name: 'web.one', root, running: undefined });
  }
  expect(await find('pg', root)).toMatchObject({ name: 'pg', root: join(jails, 'pg') });
});

test('what has a manager is not to be stopped behind its back', async () => {
  const inside = (jails: string): string => join(jails, 'pg/iocage/jails/web/root');
  const { jails, find } = host((at) => [{ name: 'ioc-web', path: inside(at) }], none);
  mkdirSync(inside(jails), { recursive: true });
  const found = await find('pg');
  expect(() => requireAlone(found)).toThrow(
    expect.objectContaining({ code: 'root-shared', hint: 'Stop it first, for example: iocage stop web' }),
  );
});

test('all names lead to each jail once', async () => {
  const { run, config } = iocage();
  const asked = ['web.one', 'pg', 'ioc-web_one', 'gone'];
  expect(ownNames(await listKnown(run, config), config, asked)).toEqual(['web.one', 'pg', 'gone']);
});
