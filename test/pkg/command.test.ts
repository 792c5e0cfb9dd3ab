import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import {
  downloadEnvironment,
  type PkgSettings,
  pkgCommand,
  pkgEnvironment,
  resolvePkg,
} from '../../src/pkg/command.ts';

const settings: PkgSettings = {
  pkg: '/usr/local/sbin/pkg',
  root: '/jails/web',
  scratch: '/.jtx-01',
  abi: 'FreeBSD:14:amd64',
  osversion: 1401000,
  repositories: false,
  rootdir: false,
  scripts: 'in-jail',
  options: [],
};

const optionsOf = (command: readonly string[]): string[] =>
  command.filter((_, index) => command[index - 1] === '-o');

test('everything that steers pkg comes before the verb', () => {
  const command = pkgCommand(settings, ['install', '-yU', '--', 'tiny']);
  expect(command.slice(0, 5)).toEqual([settings.pkg, '-c', '/jails/web', '-C', '/.jtx-01/pkg.conf']);
  expect(command.slice(-4)).toEqual(['install', '-yU', '--', 'tiny']);
  expect(optionsOf(command)).toEqual([
    'ABI=FreeBSD:14:amd64',
    'OSVERSION=1401000',
    'EVENT_PIPE=/.jtx-01/events.sock',
    'ALIAS=',
    'PKG_ENABLE_PLUGINS=no',
    'PKG_DBDIR=/var/db/pkg',
    'PKG_CACHEDIR=/var/cache/pkg',
    'WARN_SIZE_LIMIT=0',
  ]);
});

test('with -r pkg stands in the root, and its databases are named by paths of the host', () => {
  const command = pkgCommand({ ...settings, rootdir: true, scripts: 'on-host', repositories: true }, [
    'info',
  ]);
  expect(command.slice(0, 7)).toEqual([
    settings.pkg,
    '-r',
    '/jails/web',
    '-C',
    './.jtx-01/pkg.conf',
    '-R',
    './.jtx-01/repos',
  ]);
  expect(optionsOf(command)).toEqual([
    'ABI=FreeBSD:14:amd64',
    'OSVERSION=1401000',
    'EVENT_PIPE=./.jtx-01/events.sock',
    'ALIAS=',
    'PKG_ENABLE_PLUGINS=no',
    'PKG_DBDIR=/jails/web/var/db/pkg',
    'PKG_CACHEDIR=/jails/web/var/cache/pkg',
    'WARN_SIZE_LIMIT=0',
  ]);
});

test('where scripts are skipped nobody can turn them on', () => {
  const asked = {
    ...settings,
    options: [['RUN_SCRIPTS', 'yes'] as const, ['HANDLE_RC_SCRIPTS', 'yes'] as const],
  };
  const skipping = optionsOf(pkgCommand({ ...asked, scripts: 'skipped' }, ['info'])).slice(-3);
  expect(skipping).toEqual(['RUN_SCRIPTS=no', 'HANDLE_RC_SCRIPTS=no', 'PKG_TRIGGERS_DIR=/.jtx-01/triggers']);
  expect(optionsOf(pkgCommand({ ...asked, scripts: 'skipped' }, ['info']))).not.toContain('RUN_SCRIPTS=yes');
  expect(optionsOf(pkgCommand(asked, ['info']))).toContain('RUN_SCRIPTS=yes');
});

test('repositories, a name server and options are passed on, and none is given twice', () => {
  const full = { ...settings, repositories: true, nameserver: '192.0.2.1' };
  const command = pkgCommand(full, ['update']);
  expect(command.slice(5, 7)).toEqual(['-R', '/.jtx-01/repos']);
  expect(optionsOf(command)).toContain('NAMESERVER=192.0.2.1');
  const own = pkgCommand({ ...full, options: [['NAMESERVER', '192.0.2.2']] }, ['update']);
  expect(optionsOf(own).filter((option) => option.startsWith('NAMESERVER'))).toEqual([
    'NAMESERVER=192.0.2.2',
  ]);
});

const host = {
  PATH: '/home/x/bin',
  HOME: '/home/x',
  AWS_SECRET_ACCESS_KEY: 'secret',
  LD_PRELOAD: '/x.so',
  http_proxy: 'http://p:1',
  HTTPS_PROXY: 'http://u:s3cret@p:2/',
  FTP_PROXY: 'u:s3:cr@et@p:3',
  no_proxy: 'localhost',
  HTTP_PROXY_AUTH: 'basic:*:u:s3cret',
};

const own = {
  PATH: '/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TERM: 'dumb',
};

test('nothing of the environment but proxy settings reaches a script, and no password of theirs', () => {
  expect(pkgEnvironment(host)).toEqual({
    ...own,
    http_proxy: 'http://p:1',
    HTTPS_PROXY: 'http://p:2/',
    FTP_PROXY: 'p:3',
    no_proxy: 'localhost',
  });
});

const addresses = new Map([
  ['p', '192.0.2.3'],
  ['p6', '2001:db8::3'],
]);
const resolve = async (name: string): Promise<string> => {
  const address = addresses.get(name);
  if (address === undefined) throw new Error('ENOTFOUND');
  return address;
};

test('who downloads has the password of the proxy, whose address is the one that the host knows', async () => {
  expect(await downloadEnvironment(host, resolve)).toEqual({
    ...own,
    http_proxy: 'http://192.0.2.3:1',
    HTTPS_PROXY: 'http://u:s3cret@192.0.2.3:2/',
    FTP_PROXY: 'u:s3:cr%40et@192.0.2.3:3',
    no_proxy: 'localhost',
    HTTP_PROXY_AUTH: 'basic:*:u:s3cret',
  });
});

test.each([
  ['http://u:s3cret@p6:3128', 'http://u:s3cret@[2001:db8::3]:3128'],
  ['HTTP://u@p', 'HTTP://u@192.0.2.3'],
  ['socks5h://u:s3cret@p:1080/', 'socks5h://u:s3cret@192.0.2.3:1080/'],
  ['http://u:a@nowhere@192.0.2.4:1', 'http://u:a%40nowhere@192.0.2.4:1'],
  ['https://u:s3cret@[2001:db8::4]:1', 'https://u:s3cret@[2001:db8::4]:1'],
  ['http://nowhere:1', 'http://nowhere:1'],
  ['https://nowhere:1', 'https://nowhere:1'],
  ['', ''],
])('the proxy %j is %j to who downloads', async (value, shown) => {
  expect(await downloadEnvironment({ https_proxy: value }, resolve)).toEqual({ ...own, https_proxy: shown });
});

test.each([
  ['http://u:s3cret@nowhere:1', 'proxy-unknown'],
  ['https://u:s3cret@p:1', 'proxy-unsafe'],
  ['http://u:s3cret/x@p:1', 'proxy-unsafe'],
  ['http://u:s3cret@', 'proxy-unsafe'],
])('with the proxy %j nothing is downloaded, and no secret told', async (value, code) => {
  const error = await downloadEnvironment({ https_proxy: value }, resolve).catch((thrown) => thrown);
  expect(error).toMatchObject({ code, outcome: 'refused' });
  expect(`${error.message} ${error.hint}`).not.toContain('s3cret');
});

test('pkg is found on the search path as a file that can be run, never in the working directory', () => {
  expect(resolvePkg('sh', ['/nonexistent', '/bin'].join(delimiter))).toBe('/bin/sh');
  expect(resolvePkg('/bin/sh', '')).toBe('/bin/sh');
  for (const [name, path] of [
    ['no-such-pkg', '/bin'],
    ['/nonexistent/pkg', '/bin'],
    ['passwd', '/etc'],
    ['usr', '/'],
    ['package.json', ['', '.'].join(delimiter)],
  ] as const) {
    expect(() => resolvePkg(name, path)).toThrow(expect.objectContaining({ code: 'pkg-missing' }));
  }
});
