import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, replaceRepository } from '../lab/own-repository.ts';

const git = (flavor: string, version = '1.0') =>
  ownPackage(`git-${flavor}`, {
    version,
    port: { origin: 'devel/git', categories: ['devel', 'net'], flavor },
  });

describe('packages that are asked for by the flavor of their port', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(() => addRepository(lab, jail, [git('lite'), git('tiny')]));

  it('are installed, there, upgraded and removed, by any category of the port', async () => {
    const states: unknown[] = [];
    const change = async (verb: string, word: string): Promise<void> => {
      const ended = await jail.jtx(verb, word);
      states.push([verb, word, ended.status, ended.state, ended.code]);
    };
    await change('install', 'devel/git@lite');
    await change('install', 'net/git@lite');
    expect(await jail.packages()).toEqual(['git-lite-1.0']);
    await replaceRepository(lab, jail, [git('lite', '2.0'), git('tiny')]);
    await change('upgrade', 'net/git@lite');
    expect(await jail.packages()).toEqual(['git-lite-2.0']);
    await change('remove', 'devel/git@lite');
    expect(states).toEqual([
      ['install', 'devel/git@lite', 0, 'committed', undefined],
      ['install', 'net/git@lite', 0, 'unchanged', undefined],
      ['upgrade', 'net/git@lite', 0, 'committed', undefined],
      ['remove', 'devel/git@lite', 0, 'committed', undefined],
    ]);
    expect(await jail.packages()).toEqual([]);
  });
});
