import { describe, expect, it } from 'vitest';
import { chooseSnapshots } from '../../src/transaction/incoming-snapshots.ts';

const dataset = 'zroot/jails/web';
const aside = `${dataset}.aside-01K7A0000000000000000000A3`;
const second = `${dataset}.aside-01K7A0000000000000000000A2`;
const first = `${dataset}.aside-01K7A0000000000000000000A1`;
const own = 'jtx-01K7A000000000000000000010';

function choose(snapshot: string, tree: string, names: string[]): Record<string, string> {
  return Object.fromEntries(chooseSnapshots(names, { dataset, aside, snapshot, tree }));
}

describe('the snapshots that come in', () => {
  it('are named as they are once the present tree is set aside', () => {
    const names = [`${dataset}@${own}`, `${dataset}/www@${own}`, `${dataset}/www@other`, ''];
    expect(choose(own, aside, names)).toEqual({ '': `${aside}@${own}`, '/www': `${aside}/www@${own}` });
  });

  it('are found in the tree that was renamed already', () => {
    expect(choose(own, aside, [`${aside}@${own}`])).toEqual({ '': `${aside}@${own}` });
  });

  it('are those of the tree that was asked for, also where others have the name', () => {
    const names = [`${dataset}@daily`, `${first}@daily`, `${second}@daily`, `${second}/www@daily`];
    expect(choose('daily', first, names)).toEqual({ '': `${first}@daily` });
  });

  it('are those of one transaction wherever its children were left', () => {
    const names = [`${dataset}@${own}`, `${first}/www@${own}`, `${second}/www@${own}`, `${second}/db@${own}`];
    expect(choose(own, aside, names)).toEqual({
      '': `${aside}@${own}`,
      '/www': `${second}/www@${own}`,
      '/db': `${second}/db@${own}`,
    });
    expect(choose(own, first, names)['/www']).toBe(`${first}/www@${own}`);
  });

  it('are none of another jail', () => {
    const names = [`${dataset}2@${own}`, `zroot/jails/db.aside-01K7A0000000000000000000A1@${own}`];
    expect(choose(own, aside, names)).toEqual({});
  });
});
