import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { refused } from '../../src/error.ts';
import { everyJail, findAmong, findJail } from '../../src/jail/find.ts';
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
): ScriptedHost & { jails: string; find: (name: string) => ReturnType<typeof findJail> } {
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
  return { ...answers, jails, find: (name) => findJail(answers.run, config, name) };
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
    others: [],
  });
});

test('a configured one, whose path may be a symlink', async () => {
  const { jails, find } = host(none, (at) => [{ name: 'db', path: join(at, 'link') }]);
  symlinkSync('pg', join(jails, 'link'));
  expect(await find('db')).toMatchObject({ root: join(jails, 'pg'), configured: true, running: undefined });
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
  ].map((jail) => ({ fstab: undefined, mounts: [], ...jail }));
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
