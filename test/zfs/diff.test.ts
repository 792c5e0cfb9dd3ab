import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffSince, parseDiff } from '../../src/zfs/diff.ts';
import { recorded } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';

const run = recorded('set-aside-diff-jail-e').find(({ command }) =>
  command.endsWith('zfs diff -FHt zroot/jails/sa@S2'),
);

test('what zfs(8) prints, as recorded', () => {
  const differences = parseDiff(run?.output ?? '');
  expect(differences.map(({ time, ...rest }) => rest)).toEqual([
    { change: 'renamed', type: 'F', path: '/jails/sa/a', to: '/jails/sa/b' },
    { change: 'added', type: 'F', path: '/jails/sa/with space' },
    { change: 'added', type: 'F', path: '/jails/sa/tab\tx' },
    { change: 'added', type: 'F', path: '/jails/sa/n' },
    { change: 'added', type: '@', path: '/jails/sa/l' },
    { change: 'added', type: '/', path: '/jails/sa/dd' },
    { change: 'modified', type: '/', path: '/jails/sa/' },
  ]);
  expect(differences[0]?.time).toBeCloseTo(1_795_506_756_975.562, 2);
});

test.each([
  ['nothing', ''],
  ['an empty line', '\n'],
  ['a complaint', 'Unable to obtain diffs: not an earlier snapshot from the same fs\n'],
  ['a change that is none', '1.0\tX\tF\t/jails/web/a\n'],
  ['a line that was cut off', '1.0\t+\tF'],
])('%s is no difference', (_what, text) => {
  expect(parseDiff(text)).toEqual([]);
});

test.each([
  ['\\0303\\0274', 'ü'],
  ['\\0360\\0237\\0220\\0230', '🐘'],
  ['a\\0134b', 'a\\b'],
  ['a\\0134\\0060040', 'a\\0040'],
  ['\\0012', '\n'],
  ['\\0033[2J', '\x1b[2J'],
  ['\\004', '\\004'],
  ['\\0089', '\\0089'],
  ['🐘\\0040', '🐘 '],
])('%s is %j', (escaped, name) => {
  const [found] = parseDiff(`1.5\t-\tF\t/jails/web/${escaped}`);
  expect(found).toEqual({ time: 1500, change: 'removed', type: 'F', path: `/jails/web/${name}` });
});

/** As zfs(8) prints a name: its bytes below 0x21, above 0x7e and the backslash by four octal digits. */
function escapedName(name: string): string {
  return [...Buffer.from(name)]
    .map((byte) =>
      byte < 0x21 || byte > 0x7e || byte === 0x5c
        ? `\\${byte.toString(8).padStart(4, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}

test('every name is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      const [path, to] = [`/${one}`, `/${other}`];
      const line = `7.25\tR\t@\t${escapedName(path)}\t${escapedName(to)}\n`;
      expect(parseDiff(line)).toEqual([{ time: 7250, change: 'renamed', type: '@', path, to }]);
    }),
  );
});

test('since a snapshot, up to another or to now', async () => {
  const { run: act, calls, options } = scripted({ zfs: { stdout: run?.output ?? '' } });
  expect(await diffSince(act, 'zroot/jails/sa@S2', undefined)).toHaveLength(7);
  expect(await diffSince(act, 'zroot/jails/sa@S2', 'zroot/jails/sa@S3')).toHaveLength(7);
  expect(calls).toEqual([
    'zfs diff -FHt zroot/jails/sa@S2',
    'zfs diff -FHt zroot/jails/sa@S2 zroot/jails/sa@S3',
  ]);
  expect(options.every(({ changes }) => changes !== true)).toBe(true);
});

test.each([
  ['an old zfs(8)', { status: 2, stderr: "unrecognized command 'diff'\n" }],
  ['one that stops half-way', { status: 1, stdout: run?.output ?? '', stderr: 'Unable to obtain diffs\n' }],
])('%s cannot tell, which is not the same as nothing', async (_what, answer) => {
  expect(await diffSince(scripted({ zfs: answer }).run, 'zroot/a@s', undefined)).toBeUndefined();
});

test('nothing differs', async () => {
  expect(await diffSince(scripted({ zfs: {} }).run, 'zroot/a@s', undefined)).toEqual([]);
});
