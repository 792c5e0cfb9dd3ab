import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { loadConfig } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { temporaryDirectory } from '../host/temporary.ts';

const invalid = expect.objectContaining({ code: 'config-invalid', outcome: 'refused' });

function file(text: string, mode = 0o600): string {
  const path = join(temporaryDirectory(), 'jtx.toml');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('an empty file leaves what is usual', () => {
  expect(parseConfig('', 'f')).toMatchObject({
    journal: '/var/db/jtx/journal.db',
    jailsRoot: '/jails',
    jailConf: '/etc/jail.conf',
    devfsRuleset: 4,
    rehearse: false,
    control: undefined,
  });
});

test('every key', () => {
  const text = `
    journal = "/j/journal.db"
    jails_root = "/usr/jails"
    jail_conf = "/etc/other.conf"
    resolv_conf = "/etc/r"
    devfs_ruleset = 5
    minimum_free = 0
    pkg = "pkg-static"
    pkg_silence = 1.5
    probe_deadline = 10
    rehearse = true
    emulated = ["aarch64", "riscv64"]
    static_accept = ["/usr/local/lib/x/", "/usr/local/bin/y"]
    [[probe]]
    origin = "www/own*"
    command = "/usr/local/bin/own --version"
    prints = "own VERSION"
    [[probe]]
    origin = "www/other"
    command = "/usr/local/bin/other 'a b'"
    [control]
    stop = ["my-jails", "stop", "{name}"]
    start = ["my-jails", "start", "{name}"]
    [backup]
    parallel = 3
    deadline = 5
    silence = 7
    [[backup.targets]]
    name = "disk2"
    to = "backup/jails"
    keep = "daily 14"
    [backup.jails.postgresql]
    before = ["psql", "-c", "CHECKPOINT"]
    [backup.jails.builder]
    backup = false
    [retention]
    transactions = "last 9"
    backups = "daily 2"
    free = "10%"
  `;
  expect(parseConfig(text, 'f')).toEqual({
    journal: '/j/journal.db',
    jailsRoot: '/usr/jails',
    emulated: ['aarch64', 'riscv64'],
    staticAccept: ['/usr/local/lib/x/', '/usr/local/bin/y'],
    probes: [
      { origin: 'www/own*', command: '/usr/local/bin/own --version', prints: 'own VERSION' },
      { origin: 'www/other', command: "/usr/local/bin/other 'a b'", prints: undefined },
    ],
    jailConf: '/etc/other.conf',
    resolvConf: '/etc/r',
    devfsRuleset: 5,
    minimumFree: 0,
    pkg: 'pkg-static',
    pkgSilence: 1500,
    probeDeadline: 10_000,
    rehearse: true,
    control: { stop: ['my-jails', 'stop', '{name}'], start: ['my-jails', 'start', '{name}'] },
    backup: {
      places: [
        { name: 'disk2', to: { kind: 'dataset', dataset: 'backup/jails' }, keep: parseRetention('daily 14') },
      ],
      parallel: 3,
      deadline: 5000,
      silence: 7000,
      jails: new Map([
        ['postgresql', { backup: true, before: ['psql', '-c', 'CHECKPOINT'], after: undefined, verify: [] }],
        ['builder', { backup: false, before: undefined, after: undefined, verify: [] }],
      ]),
    },
    retention: {
      transactions: parseRetention('last 9'),
      backups: parseRetention('daily 2'),
      free: { percent: 10 },
    },
  });
});

test('one reading leaves the next alone', () => {
  parseConfig('pkg = "other"\nrehearse = true\n[control]\nstop = ["a"]\nstart = ["b"]', 'f');
  expect(parseConfig('', 'f')).toMatchObject({ pkg: 'pkg', rehearse: false, control: undefined });
});

test.each([
  ['no TOML', 'journal ='],
  ['backup is no table', 'backup = 1'],
  ['an unknown key of backup', '[backup]\ntarget = "x"'],
  ['a target without a name', '[[backup.targets]]\nto = "backup/jails"'],
  ['a target that is no place', '[[backup.targets]]\nname = "a"\nto = "ftp://host/x"'],
  ['a name that is none', '[[backup.targets]]\nname = "-a"\nto = "backup/jails"'],
  [
    'two targets of one name',
    '[[backup.targets]]\nname = "a"\nto = "p/a"\n[[backup.targets]]\nname = "a"\nto = "p/b"',
  ],
  ['a retention that is none', '[[backup.targets]]\nname = "a"\nto = "p/a"\nkeep = "some"'],
  ['half a stream', '[backup]\nparallel = 0.5'],
  ['a command whose words are not all words', '[backup.jails.pg]\nbefore = ["psql", 5]'],
  ['a jail that is left out by a word', '[backup.jails.pg]\nbackup = "off"'],
  ['a command that is no list', '[backup.jails.pg]\nbefore = "psql"'],
  ['an unknown key', 'jail_root = "/x"'],
  ['a key named like a method', 'toString = 1'],
  ['a relative path', 'journal = "journal.db"'],
  ['a number for a path', 'journal = 1'],
  ['a negative ruleset', 'devfs_ruleset = -1'],
  ['half a ruleset', 'devfs_ruleset = 4.5'],
  ['a text for a number', 'probe_deadline = "10"'],
  ['no time at all', 'probe_deadline = 0'],
  ['no number', 'pkg_silence = nan'],
  ['a time without an end', 'pkg_silence = inf'],
  ['more time than a timer takes', 'probe_deadline = 3_000_000'],
  ['more time for a backup than a timer takes', '[backup]\ndeadline = 3_000_000'],
  ['no time for a stream', '[backup]\nsilence = 0'],
  ['an empty program', 'pkg = ""'],
  ['a table', '[pkg]\na = 1'],
  ['a word for yes or no', 'rehearse = "yes"'],
  ['a number for yes or no', 'rehearse = 1'],
  ['a probe that is no list', 'probe = 1'],
  ['a probe without a command', '[[probe]]\norigin = "a/b"'],
  ['a probe by no whole path', '[[probe]]\norigin = "a/b"\ncommand = "b -v"'],
  ['a probe that wants a shell', '[[probe]]\norigin = "a/b"\ncommand = "/bin/b | cat"'],
  ['a probe of a pattern that is none', '[[probe]]\norigin = "www/my["\ncommand = "/bin/b"'],
  ['a probe of a range that is none', '[[probe]]\norigin = "www/x[9-0]"\ncommand = "/bin/b"'],
  ['a machine that is none', 'emulated = ["FreeBSD:14:aarch64"]'],
  ['a machine that is no list', 'emulated = "aarch64"'],
  ['an accepted file that is relative', 'static_accept = ["lib/x"]'],
  ['a command line', 'control = "service jail"'],
  ['a list for a table', 'control = ["stop", "start"]'],
  ['no commands', '[control]'],
  ['only how to stop', '[control]\nstop = ["a"]'],
  ['only how to start', '[control]\nstart = ["a"]'],
  ['a command as one text', '[control]\nstop = "a b"\nstart = ["a"]'],
  ['a command of no words', '[control]\nstop = []\nstart = ["a"]'],
  ['a number as a word', '[control]\nstop = ["a", 1]\nstart = ["a"]'],
  ['a command that is not known', '[control]\nstop = ["a"]\nstart = ["a"]\nrestart = ["a"]'],
  ['a table in it', '[control]\nstop = ["a"]\n[control.start]\na = ["a"]'],
])('%s is refused', (_what, text) => {
  expect(() => parseConfig(text, 'f')).toThrow(invalid);
});

test('an unknown key is answered with the known ones', () => {
  expect(() => parseConfig('jail_root = "/x"', 'f')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('jails_root') }),
  );
});

test('what is no pattern is named, and what one may have', () => {
  const text = '[[probe]]\norigin = "www/my["\ncommand = "/bin/b"';
  expect(() => parseConfig(text, 'f')).toThrow(
    expect.objectContaining({
      message: 'probe: "www/my[" is no pattern of an origin',
      hint: expect.stringContaining('[0-9]'),
    }),
  );
});

test.each([
  ['pkg = "a"\npkg = "b"\n', 2, 1],
  ['pkg = "a"\n\njournal = \n', 3, 11],
])('where %j is no TOML is told, and why', (text, line, column) => {
  const where = new RegExp(`^f is not valid TOML: line ${line}, column ${column}: [a-z][^\\n]+$`);
  expect(() => parseConfig(text, 'f')).toThrow(where);
});

test('the file that is named, and the journal that is named over it', () => {
  const named = file('journal = "/from/file"\npkg = "p"');
  expect(loadConfig({ JTX_CONFIG: named })).toMatchObject({ journal: '/from/file', pkg: 'p' });
  expect(loadConfig({ JTX_CONFIG: named, JTX_JOURNAL: '' }).journal).toBe('/from/file');
  expect(loadConfig({ JTX_CONFIG: named, JTX_JOURNAL: '/j' })).toMatchObject({ journal: '/j', pkg: 'p' });
});

test('a file that is named must exist', () => {
  expect(() => loadConfig({ JTX_CONFIG: '/no/such/file' })).toThrow(
    expect.objectContaining({
      code: 'config-unreadable',
      message: expect.stringMatching(/^\/no\/such\/file cannot be read: ENOENT: no such file/),
    }),
  );
});

test('why a file cannot be read is told', () => {
  const directory = temporaryDirectory();
  expect(() => loadConfig({ JTX_CONFIG: directory })).toThrow(
    expect.objectContaining({
      code: 'config-unreadable',
      message: expect.stringMatching(/cannot be read: EISDIR: /),
    }),
  );
  const loop = join(directory, 'loop');
  symlinkSync(loop, loop);
  expect(() => loadConfig({ JTX_CONFIG: loop })).toThrow(/cannot be read: ELOOP: /);
});

test('a time has whole milliseconds, as timers want them', () => {
  expect(parseConfig('probe_deadline = 1.005', 'x').probeDeadline).toBe(1005);
});

test.each([0o620, 0o602, 0o666])('a file of mode %o is not trusted', (mode) => {
  expect(() => loadConfig({ JTX_CONFIG: file('', mode) })).toThrow(
    expect.objectContaining({ code: 'config-unsafe', hint: expect.stringContaining('chmod go-w') }),
  );
});
