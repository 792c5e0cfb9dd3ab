import { describe, expect, it } from 'vitest';
import { destroySeveral } from '../../src/zfs/destroy-snapshots.ts';
import { readInventory } from '../../src/zfs/inventory.ts';
import { scripted } from '../host/scripted.ts';

const modern = { modern: true };

describe('destroySeveral', () => {
  it('is one command where zfs(8) takes several names', async () => {
    const host = scripted({ 'zfs destroy': {} });
    expect(await destroySeveral(host.run, modern, 'p/web', ['a', 'b', 'c'])).toEqual(new Map());
    expect(host.calls).toEqual(['zfs destroy p/web@a,b,c']);
  });

  it('is one command each where zfs(8) is old', async () => {
    const host = scripted({ 'zfs destroy': {} });
    await destroySeveral(host.run, { modern: false }, 'p/web', ['a', 'b']);
    expect(host.calls).toEqual(['zfs destroy p/web@a', 'zfs destroy p/web@b']);
  });

  it.each([
    "cannot destroy snapshot p/web@b: it's being held. Run ...",
    "cannot destroy 'p/web@b': snapshot is cloned",
  ])('lets the others go where one is needed, and says which and why: %s', async (stderr) => {
    const held = { status: 1, stderr: `${stderr}\n` };
    const host = scripted({ 'zfs destroy p/web@a': [held, {}], 'zfs destroy p/web@b': held });
    const kept = await destroySeveral(host.run, modern, 'p/web', ['a', 'b']);
    expect([...kept.keys()]).toEqual(['b']);
    expect(stderr).toContain(kept.get('b'));
  });

  it.each([
    'could not find any snapshots to destroy; check snapshot names.',
    "cannot open 'p/web@a': dataset does not exist",
  ])('is content where it is gone: %s', async (stderr) => {
    const host = scripted({ 'zfs destroy': { status: 1, stderr } });
    expect(await destroySeveral(host.run, modern, 'p/web', ['a'])).toEqual(new Map());
  });

  it('throws what is no reason to stay', async () => {
    const host = scripted({
      'zfs destroy': { status: 1, stderr: 'cannot destroy snapshots: permission denied' },
    });
    await expect(destroySeveral(host.run, modern, 'p/web', ['a', 'b'])).rejects.toMatchObject({
      code: 'command-failed',
    });
  });

  it('cuts long lists, and runs nothing for an empty one', async () => {
    const host = scripted({ 'zfs destroy': {} });
    await destroySeveral(host.run, modern, 'p/web', []);
    expect(host.calls).toEqual([]);
    await destroySeveral(
      host.run,
      modern,
      'p/web',
      Array.from({ length: 450 }, (_, at) => `s${at}`),
    );
    expect(host.calls).toHaveLength(3);
  });

  it.each(['a,b', 'a%b', 'a b', ''])('refuses %j as a name', async (name) => {
    await expect(destroySeveral(scripted({}).run, modern, 'p/web', [name])).rejects.toThrow(RangeError);
  });
});

describe('readInventory', () => {
  it('tells what jtx made here, and what is cloned', () => {
    const lines = [
      'p/web\ttype\t-\tfilesystem',
      'p/web\torigin\t-\t-',
      'p/web@one\tjtx:tx\tlocal\t01A',
      'p/web@one\tclones\t-\tq/look',
      'p/web@two\tjtx:tx\treceived\t01B',
      'p/web@two\tjtx:backup\tinherited from p/web\toff',
      'p/web@two\tclones\t-\t',
      'p/web@three\tjtx:backup\tlocal\t01C',
      'p/web.aside\torigin\t-\tp/web@one',
    ];
    const points = readInventory(lines).get('p/web')?.points;
    expect(points).toMatchObject([
      { name: 'one', transaction: '01A', clones: ['q/look', 'p/web.aside'] },
      { name: 'two' },
      { name: 'three', backup: '01C' },
    ]);
    expect(points?.[1]).not.toHaveProperty('transaction');
    expect(points?.[1]).not.toHaveProperty('backup');
    expect(points?.[1]).not.toHaveProperty('clones');
  });
});
