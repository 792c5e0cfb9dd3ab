import { describe, expect, it } from 'vitest';
import { openForTests } from '../for-tests.ts';
import { Lab } from '../open-lab.ts';
import { recordedSession } from './recorded-session.ts';

describe('a jail that is dying', () => {
  const lab = openForTests(new Lab());
  const [first] = recordedSession('more.txt', ['9h']);

  it('is listed as FreeBSD did, with -d alone, and is none that can be entered', async () => {
    await lab.must('echo "9 e $LAB_JAILS/web" > "$LAB/dying"');
    expect(await lab.must('jls -d -n jid name dying')).toBe(`${first?.output[1]}\n`);
    expect(await lab.must('jls -n jid name dying')).toBe('');
    expect(JSON.parse(await lab.must('jls --libxo=json -d -n jid path dying'))).toMatchObject({
      'jail-information': { jail: [{ jid: '9', path: `${lab.environment['LAB_JAILS']}/web`, dying: true }] },
    });
    const { status, stderr } = await lab.sh('jexec e true');
    expect([status, stderr]).toEqual([1, 'jexec: jail "e" not found\n']);
  });
});
