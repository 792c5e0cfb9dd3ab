import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { listConfigured, parseConfigured } from '../../src/jail/configured.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';
import { temporaryDirectory } from '../host/temporary.ts';

const separator = '\u001f';
const none = { configured: [], broken: [] };

function existing(): string {
  const file = join(temporaryDirectory(), 'jail.conf');
  writeFileSync(file, '');
  return file;
}

test('the recorded jails, one of them with a blank in its path', () => {
  const { output } = recordedRun('set-aside-diff-jail-e', "jail -f /etc/jail.conf -e ' @@ ' | head -3");
  expect(parseConfigured(output.replaceAll(' @@ ', separator))).toMatchObject([
    { name: 'pg', path: '/jails/pg' },
    { name: 'web-1', path: '/jails/web one' },
  ]);
});

test.each([
  ['a double quote', `'/jails/a"b'`, '/jails/a"b'],
  ['a single quote', `"/jails/a'b"`, "/jails/a'b"],
  ['both', `"/jails/a'\\"b"`, `/jails/a'"b`],
  ['a backslash', '/jails/a\\\\b', '/jails/a\\b'],
  ['an equals sign', '/jails/a=b', '/jails/a=b'],
])('a path with %s', (_what, printed, path) => {
  expect(parseConfigured(`name=a${separator}path=${printed}\n`)).toMatchObject([{ name: 'a', path }]);
});

test.each([
  ['nothing', '', []],
  ['one', `${separator}depend=db`, ['db']],
  ['several', `${separator}depend=db,"the cache"`, ['db', 'the cache']],
])('a jail that depends on %s', (_what, printed, depends) => {
  expect(parseConfigured(`name=a${separator}path=/jails/a${printed}\n`)).toMatchObject([{ depends }]);
});

test.each([
  ['none', '', []],
  ['one', '="/base /jails/a/base nullfs ro 0 0"', ['/base /jails/a/base nullfs ro 0 0']],
  [
    'two',
    '="/base/bin /jails/a/bin nullfs ro 0 0","/base/lib /jails/a/lib nullfs ro 0 0"',
    ['/base/bin /jails/a/bin nullfs ro 0 0', '/base/lib /jails/a/lib nullfs ro 0 0'],
  ],
  [
    'three, one of them with two options, one with a quote and one with a blank in its path',
    `="/b /jails/a/b nullfs ro,noatime 0 0","/it's /jails/a/c nullfs ro 0 0",'/"d"\\\\040 /jails/a/d nullfs ro 0 0'`,
    [
      '/b /jails/a/b nullfs ro,noatime 0 0',
      "/it's /jails/a/c nullfs ro 0 0",
      '/"d"\\040 /jails/a/d nullfs ro 0 0',
    ],
  ],
  [
    'one with both quotes',
    String.raw`="/it's\"b\" /jails/a/c nullfs ro 0 0","/d /jails/a/d nullfs ro 0 0"`,
    [`/it's"b" /jails/a/c nullfs ro 0 0`, '/d /jails/a/d nullfs ro 0 0'],
  ],
])('mounts of a jail: %s', (_what, printed, mounts) => {
  const text = `name=a${separator}mount${printed}${separator}path=/jails/a,b\n`;
  expect(parseConfigured(text)).toMatchObject([{ name: 'a', path: '/jails/a,b', mounts }]);
});

test('a value of several lines does not cut a jail in two', () => {
  const text = `name=a${separator}exec.start="echo 1\necho 2"${separator}path=/a\nname=b${separator}path=/b\n`;
  expect(parseConfigured(text)).toMatchObject([
    { name: 'a', path: '/a' },
    { name: 'b', path: '/b' },
  ]);
});

test('a jail without a path is left out', () => {
  expect(parseConfigured(`name=a${separator}persist\n`)).toMatchObject([]);
});

test('nothing is asked where there is no file', async () => {
  const { run, calls } = scripted({});
  expect(await listConfigured(run, join(temporaryDirectory(), 'jail.conf'))).toEqual(none);
  expect(calls).toMatchObject([]);
});

test('a jail(8) that has no -e knows no jails', async () => {
  const { output } = recordedRun('set-aside-diff-jail-e', "jail -e '|' pg");
  const { run } = scripted({ jail: { status: 1, stderr: output } });
  expect(await listConfigured(run, existing())).toEqual(none);
});

test('a syntax error is refused in the words of jail(8)', async () => {
  const { output, status } = recordedRun('set-aside-diff-jail-e', "jail -f /tmp/bad.conf -e '|'");
  const { run, calls } = scripted({ jail: { status, stderr: output } });
  const file = existing();
  await expect(listConfigured(run, file)).rejects.toMatchObject({
    code: 'jail-conf-invalid',
    message: 'jail: /tmp/bad.conf: unexpected EOF',
  });
  expect(calls).toMatchObject([`jail -f ${file} -e ${separator}`]);
});

test('a jail with a file of its own is known where service(8) knows it, and asked for once, also where it cannot be read', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'jail.conf.d'));
  for (const file of [
    'jail.conf',
    'jail.own.conf',
    'jail.bad.conf',
    'jail.conf.d/bad.conf',
    'jail.conf.d/own.conf',
    'jail.conf.d/web.conf',
    'jail.conf.d/README',
  ])
    writeFileSync(join(directory, file), '');
  const printed = new Map([
    ['jail.conf', `name=web${separator}path=/jails/web\n`],
    ['jail.own.conf', `name=own${separator}path=/jails/own\nname=other${separator}path=/jails/other\n`],
  ]);
  const asked: string[] = [];
  const { configured, broken } = await listConfigured(
    async (command) => {
      const file = relative(directory, command[2] ?? '');
      asked.push(file);
      const stderr = file === 'jail.bad.conf' ? 'jail: jail.bad.conf: unexpected EOF\n' : '';
      const status = stderr === '' ? 0 : 1;
      return { command, status, stdout: printed.get(file) ?? '', stderr, hung: false };
    },
    join(directory, 'jail.conf'),
  );
  expect(configured.map(({ name }) => name)).toEqual(['web', 'own']);
  expect(broken).toMatchObject([{ name: 'bad', error: { code: 'jail-conf-invalid' } }]);
  expect(asked).toEqual(['jail.conf', 'jail.bad.conf', 'jail.own.conf']);
});

test.each([
  ['exec.poststop="/usr/local/sbin/down web"', true],
  ['exec.prestop="umount /jails/a/data"', true],
  ['allow.mount.nullfs', true],
  ['exec.stop="/bin/sh /etc/rc.shutdown jail"', false],
  ['allow.raw_sockets', false],
])('whether the stop of one with %s may unmount more than its tables say', (parameter, more) => {
  const text = `name=a${separator}path=/a${separator}${parameter}\n`;
  expect(parseConfigured(text)).toMatchObject([{ unmountsMore: more }]);
});
