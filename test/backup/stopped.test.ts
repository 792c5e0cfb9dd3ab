import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

// Where iocage keeps `app`, which the kernel knows as `ioc-app` while it runs, and a dataset beside it that is no jail.
const makeManaged = `
pool=$LAB_POOL/jails/iocage root=$LAB_JAILS/iocage/jails/app/root
for dataset in "$pool" "$pool/jails" "$pool/jails/app" "$pool/jails/app/root" "$LAB_POOL/jails/nobody"; do
  zfs create "$dataset"
done
cp -a "$LAB_JAILS/web/bin" "$root/" 2>/dev/null || mkdir "$root/bin"
echo 1 > "$root/file"
jail -c name=ioc-app path="$root" host.hostname=app persist
`;

describe('a jail that only its manager knows', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  const root = (): string => `${lab.environment['LAB_JAILS']}/iocage/jails/app/root`;
  const statesOf = async (): Promise<string[]> => {
    const { results } = await lab.backup();
    return results.map(({ jail, state }) => `${jail} ${state}`).sort();
  };
  const status = async (...args: string[]) => (await lab.run(['jtx', 'backup', '--status', ...args])).stdout;
  beforeAll(async () => {
    await lab.must(makeManaged);
    await lab.targets({ disk: await lab.place('disk') });
  });

  it('is backed up while it runs, and when it is stopped, and expected to be', async () => {
    expect(await statesOf()).toEqual(['app sent', 'postgresql sent', 'web sent']);
    await lab.must('jail -R ioc-app; echo 2 > "$1/file"; sync', root());
    expect(await statesOf()).toContain('app sent');
    expect(await status()).toMatch(/^JTX OK - 3 jails on 1 target/);
    expect(await status('app')).toMatch(/^app +disk +OK/m);
    expect((await lab.run(['jtx', 'prune', '--plan'])).stdout).toContain('app');
  });

  it('is so where the journal was lost, from the next backup on', async () => {
    await lab.must('rm -rf "$(dirname "$JTX_JOURNAL")"; echo 3 > "$1/file"; sync', root());
    expect(await statesOf()).toContain('app sent');
    expect(await status()).toMatch(/^JTX OK - 3 jails on 1 target/);
  });

  it('is left out where it is marked, and when it is no more', async () => {
    await lab.must('zfs set jtx:backup=off "$LAB_POOL/jails/iocage"');
    expect((await statesOf()).map((state) => state.split(' ')[0])).toEqual(['postgresql', 'web']);
    expect(await status()).toContain('Left out: app.');
    await lab.must('zfs inherit jtx:backup "$LAB_POOL/jails/iocage"');
    expect((await statesOf()).map((state) => state.split(' ')[0])).toContain('app');
    const destroy = `for s in $(zfs list -H -o name -t snapshot -r "$LAB_POOL/jails/iocage"); do
        zfs release jtx-to-disk "$s" 2>/dev/null; done
      for i in $(seq 50); do zfs destroy -r "$LAB_POOL/jails/iocage/jails/app" 2>/dev/null && exit; sleep 0.1; done; exit 1`;
    await lab.must(destroy);
    expect((await statesOf()).map((state) => state.split(' ')[0])).toEqual(['postgresql', 'web']);
    expect(await status()).toMatch(/^JTX OK - 2 jails on 1 target/);
  });
});
