import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, replaceRepository } from '../lab/own-repository.ts';

const guided = (version: string) =>
  ownPackage('guided', {
    version,
    files: { '/usr/local/share/guided/version': version },
    messages: [
      { message: 'To initialise the database run:\n\n  # service guided initdb', type: 'install' },
      { message: 'Dump the database before.', type: 'upgrade' },
    ],
  });

describe('what packages tell', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(() => addRepository(lab, jail, [guided('1.0')]));

  const show = async (id: string | undefined) => (await lab.run(['jtx', 'show', id ?? ''])).stdout;

  it('is told once they are in, to a person and to a script, and again where it is asked for', async () => {
    const person = await lab.run(['jtx', 'install', 'web', 'guided']);
    expect(person.stdout).toContain(
      'Message from guided-1.0:\n  To initialise the database run:\n\n    # service guided initdb\nweb: committed.',
    );
    await replaceRepository(lab, jail, [guided('2.0')]);
    const upgraded = await jail.jtx('upgrade');
    expect(JSON.parse(upgraded.stdout).transaction).toMatchObject({
      state: 'committed',
      messages: [{ package: 'guided-2.0', text: 'Dump the database before.' }],
    });
    expect(await show(upgraded.id)).toMatch(
      /^ +Message from guided-2\.0:\n\s+--\n +Dump the database before\.$/m,
    );
  });

  it('is not told of what is rolled back', async () => {
    const failed = await jail.jtx('install', 'guided', '--verify', 'false');
    expect(JSON.parse(failed.stdout).transaction).toMatchObject({ state: 'rolled-back', messages: [] });
  });

  it('is beside what a command says: of one that is run all is shown later', async () => {
    const ran = await jail.jtx('run', '--', 'sh', '-c', 'echo said; echo complained >&2');
    expect(ran.status, ran.stdout).toBe(0);
    expect(await show(ran.id)).toMatch(/^ +said\n +complained$/m);
  });
});
