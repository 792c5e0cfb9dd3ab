import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, replaceRepository } from '../lab/own-repository.ts';

const path = '/etc/own.conf';
const own = (version: string, content: string) =>
  ownPackage('own', { version, files: { [path]: content }, config: [path] });

describe('a configuration file that cannot be merged', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    await addRepository(lab, jail, [own('1.0', 'a\nb\n')]);
    expect((await jail.pkg('install', '-y', 'own')).status).toBe(0);
    await lab.must('printf "mine\\nb\\n" > "$1$2"', jail.root, path);
    await replaceRepository(lab, jail, [own('2.0', 'theirs\nb\n')]);
  });

  it('is rolled back, with the way out, which leads to a commit', async () => {
    const failed = await jail.jtx('upgrade', 'own');
    expect([failed.status, failed.state, failed.code], failed.stdout).toEqual([
      4,
      'rolled-back',
      'change-failed',
    ]);
    expect(JSON.parse(failed.stdout).transaction.error).toMatchObject({
      message: expect.stringContaining(`to merge configuration file: ${path}`),
      hint: expect.stringContaining('-o AUTOMERGE=no'),
    });

    const done = await jail.jtx('upgrade', 'own', '-o', 'AUTOMERGE=no');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    const files = await lab.must('cat "$1$2" "$1$2.pkgnew"', jail.root, path);
    expect(files).toBe('mine\nb\ntheirs\nb\n');
  });
});
