import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  askAbilities,
  followSend,
  receiveCommand,
  receivedBytes,
  resumeCommand,
  type SendProgress,
  type Sent,
  sendCommand,
} from '../../src/zfs/send.ts';
import { scripted } from '../host/scripted.ts';

const modern = { modern: true };
const old = { modern: false };

function sent(more: Partial<Sent>): Sent {
  return { dataset: 'a/b', snapshot: 's', base: undefined, raw: false, ...more };
}

test.each([
  [sendCommand(modern, sent({ dataset: 'a/b c' })), ['zfs', 'send', '-vPLc', 'a/b c@s']],
  [sendCommand(modern, sent({ base: '@r' })), ['zfs', 'send', '-vPLc', '-i', '@r', 'a/b@s']],
  [sendCommand(modern, sent({ base: '#r' })), ['zfs', 'send', '-vPLc', '-i', 'a/b#r', 'a/b@s']],
  [sendCommand(modern, sent({ raw: true })), ['zfs', 'send', '-vPw', 'a/b@s']],
  [sendCommand(old, sent({ base: '@r' })), ['zfs', 'send', '-i', '@r', 'a/b@s']],
  [resumeCommand('1-abc'), ['zfs', 'send', '-vP', '-t', '1-abc']],
  [receiveCommand(modern, 'a/b', ['x=1']), ['zfs', 'receive', '-v', '-s', '-o', 'x=1', '-u', 'a/b']],
  [receiveCommand(old, 'a/b', ['x=1']), ['zfs', 'receive', '-v', '-u', 'a/b']],
])('%#', (command, words) => {
  expect(command).toEqual(words);
});

describe('what zfs(8) can do', () => {
  const unknown = "unrecognized command 'version'\nusage: zfs command args ...\n";

  it('the oldest knows no version', async () => {
    expect(await askAbilities(scripted({ 'zfs version': { status: 2, stderr: unknown } }).run)).toEqual(old);
    expect(await askAbilities(scripted({ 'zfs version': {} }).run)).toEqual(modern);
  });

  it.each([
    ['is not found', { status: 127, stderr: 'sh: zfs: command not found\n' }, 'zfs: command not found'],
    ['cannot say', { status: 1, stdout: 'zfs-2.2.0\n', stderr: 'zfs_version_kernel() failed\n' }, 'failed'],
    ['says nothing', { status: 137 }, 'exit status 137'],
  ])('one that %s is not for that an old one', async (_what, answer, said) => {
    await expect(askAbilities(scripted({ 'zfs version': answer }).run)).rejects.toThrow(said);
  });
});

it('what is encrypted is not sent in the clear where raw streams are not known', () => {
  expect(() => sendCommand(old, sent({ raw: true }))).toThrow(/^a\/b is encrypted/);
});

describe('the bytes that were received', () => {
  test.each([
    ['received 2.40M stream in 0.05 seconds (44.5M/sec)\n', 2_516_582],
    ['received 2.40MB stream in 1 seconds (2.40MB/sec)\n', 2_516_582],
    ['received 312B stream in 1 seconds (312B/sec)\n', 312],
    ['received 1.5K stream in 1.00 seconds (1.5K/sec)\n', 1536],
    ['received 3G stream in 1 seconds\n', 3 * 1024 ** 3],
    [
      'receiving full stream of a@s into b@s\nreceived 1K stream in 1 seconds\nreceived 1K stream in 1 seconds\n',
      2048,
    ],
    ['', 0],
  ])('%j', (said, bytes) => {
    expect(receivedBytes(said)).toBe(bytes);
  });
});

describe('the progress of a send', () => {
  const said = [
    'resume token contents:\nnvlist version: 0\n\tobject = 0x1\n',
    'full\tzroot/jails/web@s1\t2131952\nsize\t2131952\n',
    '12:00:01\t1048576\tzroot/jails/web@s1\n12:00:02\t2131952\tzroot/jails/web@s1\n',
    "warning: cannot send 'zroot/jails/web@s1': Broken pipe\n",
  ].join('');
  const told: SendProgress[] = [
    { total: 2_131_952, sent: 0 },
    { total: 2_131_952, sent: 1_048_576 },
    { total: 2_131_952, sent: 2_131_952 },
  ];

  it('is the same however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (lengths) => {
        const seen: SendProgress[] = [];
        const follow = followSend((progress) => seen.push(progress));
        let rest = said;
        for (const length of lengths) {
          follow(rest.slice(0, length));
          rest = rest.slice(length);
        }
        follow(rest);
        expect(seen).toEqual(told);
      }),
    );
  });

  it('tells the snapshot once something of it was sent', () => {
    const snapshots: (string | undefined)[] = [];
    followSend((_, snapshot) => snapshots.push(snapshot))(said);
    expect(snapshots).toEqual([undefined, 'zroot/jails/web@s1', 'zroot/jails/web@s1']);
  });
});
