import { beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from '../transaction/rows.ts';

/** A script that fails when it has started a process in a session of its own, without the pipes of pkg. */
const leaving = (command: string): string =>
  `setsid sh -c '${command}' </dev/null >/dev/null 2>&1 &\nsleep 0.3; exit 1`;
const failing = [
  ownPackage('busy', {
    scripts: { 'post-install': leaving('exec 3>/root/busy; trap "" TERM; sleep 701; sleep 701') },
  }),
  ownPackage('forking', {
    scripts: {
      'post-install': `echo 'sleep 0.1; setsid sh /root/again & sleep 0.1' > /root/again; ${leaving('exec sh /root/again')}`,
    },
  }),
];

/** A pkg that hangs, while another process sends events in its name for as long as it is listened to. */
const hanging = `#!${process.execPath}
const { dirname } = require('node:path');
const [, , , root, ...words] = process.argv;
if (process.env.FLOODING === undefined) {
  const pipe = words.find((word) => word.startsWith('EVENT_PIPE=')).slice('EVENT_PIPE='.length);
  process.chdir(root + dirname(pipe));
  const options = { detached: true, stdio: 'ignore', env: { FLOODING: 'yes' } };
  require('node:child_process').spawn(process.execPath, [__filename, ...process.argv.slice(2)], options);
  setInterval(() => {}, 1000);
} else {
  const socket = require('node:net').connect('events.sock');
  const tick = '{"type":"INFO_PROGRESS_TICK","data":{"current":1,"total":2}}\\n';
  // A write that failed is the end: node calls this for each one after it too, and so for ever.
  const more = (error) => (error ? process.exit() : socket.write(tick.repeat(100), more));
  more();
  for (const end of ['error', 'close']) socket.on(end, () => process.exit());
}
`;

describe('processes', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    await allowProbes(2);
  });

  const allowProbes = (seconds: number): Promise<string> =>
    lab.must('echo "probe_deadline = $1" | cat - "$LAB/jtx.toml.base" > "$LAB/jtx.toml"', String(seconds));

  const running = async (pattern: string): Promise<string> => (await lab.sh('pgrep -f "$1"', pattern)).stdout;

  it.each(['busy', 'forking'])(
    'one that a script has left, %s, is ended before the jail goes back',
    async (name) => {
      await addRepository(lab, jail, failing);
      const before = await jail.manifest();
      const verdict = await jail.jtx('install', name);
      expect([verdict.status, verdict.state], verdict.stdout).toEqual([4, 'rolled-back']);
      expect(await running('sleep 701|/root/again')).toBe('');
      expect(await jail.manifest()).toBe(before);
      await expectNothingLeft(lab, jail, false);
    },
  );

  it.each([
    ['stopped', false],
    ['running', true],
  ])('a pkg that hangs is ended, whatever events come, in a %s jail', async (_what, live) => {
    if (live) await lab.must('service jail onestart web');
    await lab.must(
      `printf %s "$1" > "$LAB/hanging"; chmod 755 "$LAB/hanging"
       printf 'pkg = "%s"\npkg_silence = 1\n' "$LAB/hanging" >> "$LAB/jtx.toml"`,
      hanging,
    );
    const before = await jail.manifest();
    const verdict = await jail.jtx('install', 'tiny', '--on-data', 'discard');
    expect([verdict.status, verdict.code], verdict.stdout).toEqual([3, 'pkg-hung']);
    expect(await running('/hanging -[cr]')).toBe('');
    if (!live) expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false, live);
  });

  const probes: [string, number, string, string][] = [
    [
      'never ends, whatever signal comes',
      2,
      `/bin/sh -c 'trap "" TERM INT HUP; sleep 702; sleep 702'`,
      'did not end within 2 s',
    ],
    [
      'never ends, in a session of its own',
      2,
      `/bin/sh -c 'setsid sleep 702; sleep 702'`,
      'did not end within 2 s',
    ],
    [
      'prints without end',
      60,
      `/bin/sh -c 'trap "" TERM PIPE; while :; do yes 0123456789012345678901234567890123456789012345678901234567890; done'`,
      'printed more than is kept',
    ],
  ];
  describe.each([
    ['stopped', false],
    ['running', true],
  ])('of a %s jail', (_what, live) => {
    beforeEach(async () => {
      if (live) await lab.must('service jail onestart web');
    });

    it.each(probes)('a probe that %s', async (_which, seconds, command, says) => {
      await allowProbes(seconds);
      const before = await jail.manifest();
      const started = performance.now();
      const verdict = await jail.jtx('install', 'tiny', '--on-data', 'discard', '--verify', command);
      expect(performance.now() - started).toBeLessThan(deadline(40_000));
      expect([verdict.status, verdict.code], verdict.stdout).toEqual([4, 'verification-failed']);
      expect(verdict.stdout).toContain(says);
      expect(await running('sleep 702|yes 0123')).toBe('');
      expect(Number(await lab.must('du -sk "$LAB/journal" | cut -f1'))).toBeLessThan(2000);
      if (!live) expect(await jail.manifest()).toBe(before);
      await expectNothingLeft(lab, jail, false, live);
    });

    it('a probe that leaves a daemon, which has its pipes open, is not waited for', async () => {
      const started = performance.now();
      const verdict = await jail.jtx(
        'install',
        'tiny',
        '--verify',
        `/bin/sh -c 'setsid sleep 703 & echo well'`,
        '--expect',
        '^well$',
      );
      expect(performance.now() - started).toBeLessThan(deadline(40_000));
      expect([verdict.status, verdict.state], verdict.stdout).toEqual([0, 'committed']);
      // In a jail that runs it may be a service; another jail goes with all that is in it.
      if (!live) expect(await running('sleep 703')).toBe('');
      await expectNothingLeft(lab, jail, true, live);
      await lab.sh('pkill -fx "sleep 703"');
    });
  });
});
