import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, until } from '../lab/own-repository.ts';
import { play } from './rows.ts';

const zeros = ownPackage('zeros', { files: { '/usr/local/share/zeros/x': Buffer.alloc(30_000_000) } });
const trigger = ownPackage('trigger', {
  files: {
    '/usr/local/share/pkg/triggers/bad.ucl':
      'path: /usr/local/share/pkg/triggers\ntrigger: { type: lua, script: <<EOS\nerror("no")\nEOS\n}\n',
  },
});
const orphan = ownPackage('orphan', { scripts: { 'post-install': 'sleep 600 >/dev/null 2>&1 & exit 1' } });
const slow = ownPackage('slow', { scripts: { 'pre-install': 'sleep 600' } });
const low = 'echo "minimum_free = 1" >> "$LAB/jtx.toml"';
const full = { status: 4, state: 'rolled-back', code: 'change-failed' };

describe('truth table: packages and pools of its own', () => {
  const lab = openForTests(new Lab({ LAB_POOL_SIZE: '192M' }));
  const jail = jailForTests(lab, 'web');
  beforeEach(() => addRepository(lab, jail, [zeros, trigger, orphan, slow]));

  it('a trigger fails, and pkg exits 0', () =>
    play(lab, jail, {
      name: 'trigger',
      do: ['install', 'trigger'],
      ...full,
    }));

  it('the quota is reached while pkg extracts', () =>
    play(lab, jail, {
      name: 'quota',
      before: `${low}; zfs set quota=$(($(zfs get -Hp -o value used "$2") + 8000000)) "$2"`,
      do: ['install', 'tiny', 'zeros'],
      ...full,
    }));

  it('the pool is full of foreign data while pkg extracts', async () => {
    await lab.must('zfs create -o mountpoint="$LAB/foreign" "$LAB_POOL/foreign"');
    try {
      await play(lab, jail, {
        name: 'pool',
        before: `${low}; free=$(df -B1 --output=avail "$LAB/foreign" | tail -1); head -c $((free - 12000000)) /dev/zero > "$LAB/foreign/x"; sync "$LAB/foreign/x"`,
        do: ['install', 'tiny', 'zeros'],
        ...full,
      });
    } finally {
      await lab.sh('truncate -s 0 "$LAB/foreign/x"; rm -f "$LAB/foreign/x"');
      await until(lab, 'zfs destroy "$LAB_POOL/foreign"');
    }
  });

  it('a script leaves a process behind: it is ended before the jail is put back', async () => {
    await play(lab, jail, { name: 'orphan', do: ['install', 'orphan'], ...full });
    expect((await lab.sh('pgrep -fx "sleep 600"')).stdout).toBe('');
  });

  it('a live pkg holds the lock of the database: it goes on undisturbed', async () => {
    await lab.must(
      `( pkg -c "$1" -o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000 install -y slow ) </dev/null >/dev/null 2>&1 &`,
      jail.root,
    );
    try {
      await until(lab, 'pgrep -fx "sleep 600"');
      const verdict = await jail.jtx('install', 'tiny');
      expect([verdict.status, verdict.code], verdict.stdout + verdict.stderr).toEqual([3, 'root-in-use']);
      expect((await lab.sh('pgrep -fx "sleep 600"')).status, 'the other pkg lives').toBe(0);
      expect(await jail.packages()).toEqual([]);
    } finally {
      await lab.sh('pgrep -fx "sleep 600" | xargs -r kill; sleep 1');
    }
  });
});
