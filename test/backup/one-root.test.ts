import { expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

const lab = openForTests(new BackupLab());

it('two names in jail.conf for one root are both backed up', { timeout: deadline(120_000) }, async () => {
  await lab.targets({ disk: await lab.place('disk') });
  await lab.must(`
    zfs create "$LAB_POOL/jails/small"; echo 1 > "$LAB_JAILS/small/file"
    for name in small small-rescue; do
      printf '%s {\\n path = %s/small;\\n persist;\\n}\\n' $name "$LAB_JAILS"
    done >> "$LAB/jail.conf"`);
  const { status, results, stdout } = await lab.backup('small', 'small-rescue');
  const states = results.map(({ jail, state }) => `${jail} ${state}`).sort();
  expect([status, states], stdout).toEqual([0, ['small sent', 'small-rescue sent']]);
});
