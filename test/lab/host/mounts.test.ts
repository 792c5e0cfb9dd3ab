import { beforeAll, describe, expect, it } from 'vitest';
import { parseMounts } from '../../../src/host/mounts.ts';
import { openForTests } from '../for-tests.ts';
import { Lab } from '../open-lab.ts';

const lab = openForTests(new Lab());
let web: string;

beforeAll(async () => {
  web = `${lab.environment['LAB_JAILS']}/web`;
});

describe('mount', () => {
  it('lists the datasets as FreeBSD does', async () => {
    const dataset = `${lab.environment['LAB_POOL']}/jails/web`;
    const mounts = parseMounts(await lab.must('mount --libxo=json'));
    expect(mounts.find(({ node }) => node === web)).toEqual({
      special: dataset,
      node: web,
      fstype: 'zfs',
    });
    expect(await lab.must('mount -t zfs')).toContain(`${dataset} on ${web} (zfs, local, nfsv4acls)\n`);
  });

  it.each(['plain', 'with space', 'qu"ote', 'back\\slash', 'tab\there', 'über'])(
    'shows a directory of the name %j as it is',
    async (name) => {
      const directory = `${lab.directory}/${name}`;
      await lab.must('mkdir "$1" && mount -t nullfs -o ro "$2" "$1"', directory, `${web}/etc`);
      const mounts = parseMounts(await lab.must('mount --libxo=json'));
      expect(mounts.at(-1)).toEqual({
        special: `${web}/etc`,
        node: directory,
        fstype: 'nullfs',
        readonly: true,
      });
      expect((await lab.sh('echo x > "$1/new"', directory)).stderr).toContain('Read-only file system');
      await lab.must('umount "$1" && rmdir "$1"', directory);
      expect(await lab.must('mount -t nullfs')).toBe('');
    },
  );

  it('keeps the mounts of two nullfs in one place apart', async () => {
    await lab.must(
      'mkdir "$LAB/n"; mount -t nullfs "$1/etc" "$LAB/n"; mount -t nullfs "$1/var" "$LAB/n"',
      web,
    );
    expect(await lab.must('mount -t nullfs | cut -d" " -f1')).toBe(`${web}/etc\n${web}/var\n`);
    await lab.must('umount "$LAB/n"');
    expect(await lab.must('mount -t nullfs | cut -d" " -f1')).toBe(`${web}/etc\n`);
    await lab.must('umount "$LAB/n"');
  });
});

describe('devfs', () => {
  const shown = 'mount -t devfs -o ruleset=4 devfs "$1/dev"; ls "$1/dev"; umount "$1/dev"';

  it('shows everything, and says nothing, where the ruleset is not loaded', async () => {
    expect(await lab.must(shown, web)).not.toContain('mem');
    await lab.must('printf "1\\n2\\n" > "$LAB/devfs-rulesets"');
    expect(await lab.must('devfs rule showsets')).toBe('1\n2\n');
    expect(await lab.sh(shown, web)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('mem\n'),
    });
    await lab.must('rm "$LAB/devfs-rulesets"');
  });

  it('has devices that work', async () => {
    const script =
      'mount -t devfs -o ruleset=4 devfs "$1/dev"; chroot "$1" sh -c "head -c 3 /dev/zero | wc -c; echo x > /dev/null; head -c 2 /dev/urandom | wc -c"; umount "$1/dev"';
    expect(await lab.must(script, web)).toBe('3\n2\n');
  });
});

describe('umount', () => {
  it('refuses what is in use, but for -f', async () => {
    const script =
      'mount -t devfs devfs "$1/dev"; cd "$1/dev"; umount "$1/dev"; echo $?; umount -f "$1/dev"; echo $?; mount -t devfs';
    const { stdout, stderr } = await lab.sh(script, web);
    expect(stderr).toMatch(`umount: unmount of ${web}/dev failed: Device busy\n`);
    expect(stdout).toBe('1\n0\n');
  });
});

describe('sysctl', () => {
  it('answers for the kernel, as the lab is told to', async () => {
    expect(await lab.must('sysctl -n kern.osreldate hw.machine_arch')).toBe('1401000\namd64\n');
    await lab.must('echo kern.osreldate=1500000 > "$LAB/sysctl"');
    expect(await lab.must('sysctl -n kern.osreldate hw.machine_arch')).toBe('1500000\namd64\n');
    expect(await lab.must('sysctl -n kern.supported_archs')).toBe('amd64 i386\n');
    expect((await lab.sh('sysctl -n no.such.name')).status).not.toBe(0);
    expect(await lab.must('sysctl -in no.such.name hw.machine_arch')).toBe('amd64\n');
  });
});

describe('service', () => {
  it('starts and stops a configured jail, and knows no other', async () => {
    await lab.must('service jail onestart web');
    expect(await lab.must('jls -h name')).toBe('name\nweb\n');
    expect((await lab.sh('service jail onestart web')).status).toBe(1);
    await lab.must('service jail onestop web');
    expect(await lab.must('jls -h name')).toBe('name\n');
    expect((await lab.sh('service jail onestart nosuch')).status).toBe(1);
  });
});
