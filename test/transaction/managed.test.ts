import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

// iocage, as far as it starts and stops `app`, which the kernel then knows as `ioc-app`.
const makeManaged = `
pool=$LAB_POOL/jails/iocage root=$LAB_JAILS/iocage/jails/app/root
for dataset in "$pool" "$pool/jails" "$pool/jails/app" "$pool/jails/app/root"; do zfs create "$dataset"; done
cp -a "$LAB_JAILS/web/." "$root/"
cat > "$LAB/bin/iocage" <<END
#!/bin/sh
echo "\\$*" >> "$LAB/asked"
case "\\$*" in
  'start app') exec jail -c name=ioc-app path="$root" host.hostname=app mount.devfs devfs_ruleset=4 persist ;;
  'stop app') jail -r ioc-app; umount "$root/dev" ;;
  *) exit 1 ;;
esac
END
chmod 755 "$LAB/bin/iocage"
`;

describe('a jail that its manager runs under another name', () => {
  const lab = openForTests(new Lab());
  beforeAll(() => lab.must(makeManaged));
  beforeEach(() => lab.must('jls -n name | grep -q ioc-app || iocage start app; : > "$LAB/asked"'));

  const runs = () => lab.must('jls -n name');
  const asked = () => lab.must('cat "$LAB/asked"');
  const jtx = async (...words: string[]) => {
    const done = await lab.run(['jtx', ...words]);
    return { ...done, said: done.stdout + done.stderr };
  };

  it('is changed while it runs, by either name, and has one in the history', async () => {
    const installed = await jtx(
      'install',
      'app',
      'tiny',
      '--verify',
      '/bin/sh -c hostname',
      '--expect',
      '^app$',
    );
    expect(installed.status, installed.said).toBe(0);
    expect((await jtx('remove', 'ioc-app', 'tiny')).stdout).toContain('app: committed.');
    expect([await runs(), await asked()]).toEqual(['name=ioc-app\n', '']);
    for (const name of ['app', 'ioc-app']) {
      const history: unknown = JSON.parse((await jtx('history', name, '--json')).stdout);
      expect(history).toMatchObject({ transactions: [{ jail: 'app' }, { jail: 'app' }] });
    }
  });

  it('is stopped and started by its manager where a change of it fails', async () => {
    const failed = await jtx('install', 'app', 'postfail');
    expect(failed.status, failed.said).toBe(4);
    expect([await runs(), await asked()]).toEqual(['name=ioc-app\n', 'stop app\nstart app\n']);
  });

  it('is rolled back after a trial that nobody confirmed, also while it is stopped', async () => {
    const short = `${Math.ceil(deadline(2000) / 1000)}s`;
    const tried = await jtx('install', 'ioc-app', 'tiny', '--confirm-within', short);
    expect(tried.stdout, tried.said).toContain('jtx confirm app');
    await lab.must('pkill -KILL -f "[j]tx.js trial"; iocage stop app');
    await lab.must(`sleep ${short}; sleep 1`);
    const recovered = await jtx('recover');
    expect(recovered.status, recovered.said).toBe(0);
    expect((await jtx('history', 'app', '--json', '-n', '2')).stdout).toMatch(/"undoneBy":"/);
    expect(await runs()).toBe('');
  });

  it('is confirmed by either name', async () => {
    expect((await jtx('install', 'app', 'tiny', '--confirm-within', '1h')).status).toBe(0);
    expect((await jtx('confirm', 'ioc-app')).stdout).toContain('app: confirmed.');
    await lab.sh('pkill -f "[j]tx.js trial"');
  });

  it('is called by its name where something of it is set aside, also without a journal', async () => {
    expect((await jtx('install', 'app', 'tiny')).status).toBe(0);
    const rolledBack = async (...to: string[]): Promise<string> => {
      const { transaction } = JSON.parse((await jtx('rollback', 'app', ...to, '--json')).stdout);
      expect(transaction).toMatchObject({ state: 'committed' });
      return transaction.id;
    };
    const id = await rolledBack();
    const listed = await lab.must('JTX_JOURNAL="$LAB/none.db" jtx aside list --json');
    expect(JSON.parse(listed).asides).toContainEqual(
      expect.objectContaining({ jail: 'app', transaction: id }),
    );
    const [told = ''] = /jtx rollback .*/.exec((await jtx('aside', 'show', id)).stdout) ?? [];
    expect(told).toBe(`jtx rollback app ${id}`);
    const left = await rolledBack(id);
    const dropped: unknown = JSON.parse((await jtx('aside', 'drop', left, '--json')).stdout);
    expect(dropped).toMatchObject({ transaction: { verb: 'drop', jail: 'app', state: 'committed' } });
  });

  it('is one of all jails, once, and whoever else runs on its root is another', async () => {
    expect((await jtx('doctor', '--json')).stdout).toMatch(/"jails":\["app","postgresql","web"\]/);
    await lab.must('jail -c name=inner path="$LAB_JAILS/iocage/jails/app/root/usr" persist');
    const refused = await jtx('install', 'app', 'hello');
    await lab.must('jail -r inner');
    expect([refused.status, refused.said]).toEqual([3, expect.stringContaining('jail inner')]);
  });
});
