import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';
import { startSshServer, stopSshServer } from './ssh-server.ts';

const megabyte = 1024 * 1024;

describe('another host', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  let host = '';
  beforeAll(async () => {
    host = await startSshServer(lab);
  });

  it('has what was sent, whole and in increments, names with spaces and all', async () => {
    await lab.targets({ far: host + (await lab.place('far')) });
    await lab.must('zfs create "$LAB_POOL/jails/web/my data"; echo x > "$LAB_JAILS/web/my data/file"');
    const note = 'it\'s "quoted" $HOME `id`';
    await lab.must('zfs set "org:note=$1" "$LAB_POOL/jails/web/www"', note);
    const before = await lab.manifest('web');
    const first = await lab.backup('web');
    expect(first.status, first.stdout).toBe(0);
    await lab.must('echo more > "$LAB_JAILS/web/my data/more"');
    const after = await lab.manifest('web');
    const second = await lab.backup('web');
    expect(second.status, second.stdout).toBe(0);
    expect(second.only.bytes).toBeLessThan(megabyte);
    expect(await lab.restored('far', 'web', first.id)).toBe(before);
    expect(await lab.restored('far', 'web', second.id)).toBe(after);
    const told = await lab.must('zfs get -H -o value jtx:backup-of "$LAB_POOL/far/web:www"');
    expect(JSON.parse(told).properties).toContainEqual(['org:note', note]);
  });

  it('what lacks there is told as here', async () => {
    await lab.targets({ far: `${host}${lab.pool}/nowhere` });
    const { status, only } = await lab.backup('web');
    expect([status, only.message]).toEqual([5, expect.stringContaining('there is no dataset')]);
  });

  it('a connection that breaks in mid-stream: the next goes on where it was', async () => {
    await lab.targets({ far: host + (await lab.place('broken')) });
    await lab.must('head -c 8000000 /dev/urandom > "$LAB_JAILS/web/usr/local/www/big"');
    const manifest = await lab.manifest('web');
    await lab.stall(6 * megabyte);
    const running = lab.stalling('web');
    await lab.stalled();
    await lab.must('sync; zpool sync "$LAB_POOL" 2>/dev/null; true');
    await stopSshServer(lab);
    await lab.go();
    const { status, only } = await running;
    expect([status, only.state]).toEqual([5, 'failed']);
    expect(only.message).toMatch(/^ssh: /);
    host = await startSshServer(lab);
    await lab.targets({ far: `${host}${lab.pool}/broken` });
    const next = await lab.backup('web');
    expect([next.status, next.only.state], next.stdout).toEqual([0, 'sent']);
    if (!lab.old) expect(next.only.bytes).toBeLessThan(8_000_000);
    expect(await lab.restored('far', 'web', next.only.point ?? '')).toBe(manifest);
  });

  it('a stream that stands still is ended, and no other is sent there after it', async (test) => {
    // The oldest zfs(8) does not tell how far it is.
    if (lab.old) test.skip();
    const places = { far: host + (await lab.place('still')), near: await lab.place('beside') };
    await lab.targets(places, 'silence = 3\nparallel = 1');
    await lab.must(`mkdir "$LAB/still"
      printf '#!/bin/sh\\n[ "$1" != receive ] || { echo >> %s; exec sleep 1000; }\\nexec %s "$@"\\n' "$LAB/receives" "$(command -v zfs)" > "$LAB/still/zfs"
      chmod 755 "$LAB/still/zfs"`);
    await stopSshServer(lab);
    host = await startSshServer(lab, `${lab.directory}/still`);
    await lab.targets({ ...places, far: `${host}${lab.pool}/still` }, 'silence = 3\nparallel = 1');
    const begun = Date.now();
    const { status, results } = await lab.backup('web', 'postgresql');
    expect(status).toBe(5);
    expect(Date.now() - begun).toBeLessThan(60_000);
    const far = results.filter(({ target }) => target === 'far');
    expect(far.map(({ message }) => message)).toEqual([
      expect.stringContaining('stood still for 3.0 s'),
      expect.stringContaining('stood still for 3.0 s'),
    ]);
    expect(results.filter(({ target }) => target === 'near').map(({ state }) => state)).toEqual([
      'sent',
      'sent',
    ]);
    // The second jail was not tried: it would have stood still as well.
    expect(await lab.must('wc -l < "$LAB/receives"')).toMatch(/^ *1\n$/);
    await stopSshServer(lab);
    host = await startSshServer(lab);
  });

  it('a host whose zfs says nothing of itself is not taken for an old one: nothing is sent', async () => {
    await stopSshServer(lab);
    await lab.must(`mkdir "$LAB/broken"
      printf '#!/bin/sh\\n[ "$1" != version ] || { echo "zfs: not now" >&2; exit 1; }\\nexec %s "$@"\\n' \
        "$(command -v zfs)" > "$LAB/broken/zfs"; chmod 755 "$LAB/broken/zfs"`);
    const broken = (await startSshServer(lab, `${lab.directory}/broken`)) + (await lab.place('mute'));
    await lab.targets({ far: broken });
    const { status, only } = await lab.backup('web');
    expect([status, only.message]).toEqual([5, expect.stringMatching(/127\.0\.0\.1.*zfs: not now/)]);
    expect(await lab.must('zfs list -H -o name -r "$LAB_POOL/mute"')).toBe(`${lab.pool}/mute\n`);
  });

  it('a host that cannot be reached fails alone', async () => {
    await stopSshServer(lab);
    await lab.targets({ far: host + lab.pool, near: await lab.place('near') });
    const { status, results } = await lab.backup('web');
    expect(status).toBe(5);
    expect(results.map(({ target, state }) => `${target} ${state}`).sort()).toEqual([
      'far failed',
      'near sent',
    ]);
    const said = results.find(({ target }) => target === 'far')?.message;
    expect(said).toMatch(/127\.0\.0\.1 cannot be reached: /);
  });
});
