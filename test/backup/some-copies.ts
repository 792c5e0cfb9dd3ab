import fc from 'fast-check';
import { ulid } from 'ulid';
import type { Copy, CopyPoint } from '../../src/backup/copy.ts';
import { backupSnapshot, copyName, retiredName } from '../../src/backup/names.ts';

/** The backup that was begun at this time, always the same. */
export function backupAt(time: number): string {
  return ulid(time, () => 0);
}

/** A copy of a jail `web` with these points, oldest first. */
export function copy(path: string, points: readonly CopyPoint[], more: Partial<Copy> = {}): Copy {
  const description = {
    jail: 'web',
    path,
    at: path,
    volume: false,
    host: 'here',
    properties: [],
    gone: undefined,
  };
  return { ...description, name: copyName('web', path), points, token: undefined, ...more };
}

/** A point that a backup has left. */
export function point(backup: string, more: Partial<CopyPoint> = {}): CopyPoint {
  return { snapshot: backupSnapshot(backup), guid: backup.slice(-6), ...more };
}

/** What happened in one night. */
interface Night {
  hours: number;
  /** Of each child whether it had changed. */
  changed: readonly boolean[];
  /** Something came between the children and the jail's own dataset. */
  cut: boolean;
  /** What goes on no more from this night on: a copy begins anew, or the jail has a child no more. */
  ends: 'top' | 'first child' | 'second child gone' | undefined;
  /** A whole stream, where streams build upon others. */
  whole: boolean;
  foreign: boolean;
  held: boolean;
}

const someNight: fc.Arbitrary<Night> = fc.record({
  hours: fc.integer({ min: 1, max: 60 }),
  changed: fc.tuple(fc.boolean(), fc.boolean()),
  cut: fc.integer({ min: 0, max: 7 }).map((number) => number === 0),
  ends: fc.option(fc.constantFrom('top', 'first child', 'second child gone'), { nil: undefined, freq: 7 }),
  whole: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
  foreign: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  held: fc.integer({ min: 0, max: 14 }).map((number) => number === 0),
});

/** What a target has of a jail with two children after some nights, and when the last of them was. */
export const someCopies: fc.Arbitrary<{ copies: Copy[]; now: number }> = fc
  .record({
    chained: fc.boolean(),
    nights: fc.array(someNight, { minLength: 1, maxLength: 40 }),
  })
  .map(({ chained, nights }) => {
    let now = Date.parse('2026-03-01T03:00:00Z');
    const history = new History(chained);
    for (const night of nights) {
      now += night.hours * 3_600_000;
      history.add(night, backupAt(now));
    }
    return { copies: history.copies, now };
  });

/** What jtx backup leaves on a target, night after night. */
class History {
  copies: Copy[] = [];
  private readonly chained: boolean;

  constructor(chained: boolean) {
    this.chained = chained;
  }

  add(night: Night, backup: string): void {
    if (night.ends === 'top') this.retire('', backup);
    if (night.ends === 'first child') this.retire('/a', backup);
    if (night.ends === 'second child gone') this.change('/b', (old) => ({ ...old, gone: backup }));
    for (const [place, path] of ['/a', '/b'].entries()) {
      const there = this.copies.find(({ name }) => name === copyName('web', path));
      if (path === '/b' && there?.gone !== undefined) continue;
      if (night.changed[place] || !there) this.send(path, backup, night);
    }
    if (!night.cut) this.send('', backup, night);
  }

  private send(path: string, backup: string, { whole, foreign, held }: Night): void {
    if (!this.copies.some(({ name }) => name === copyName('web', path))) this.copies.push(copy(path, []));
    this.change(path, (old) => {
      const last = old.points.findLast(({ snapshot }) => snapshot.startsWith('jtx-'));
      const base = this.chained && last && !whole ? { base: last.snapshot.slice('jtx-backup-'.length) } : {};
      const fresh = point(backup, { ...base, ...(held ? { stays: 'held' } : {}) });
      const others = foreign && !this.chained ? [{ snapshot: `by-hand-${backup}`, guid: '1' }] : [];
      return { ...old, points: [...old.points, fresh, ...others] };
    });
  }

  private retire(path: string, backup: string): void {
    this.change(path, (old) => ({ ...old, name: retiredName(old.name, backup) }));
  }

  private change(path: string, how: (old: Copy) => Copy): void {
    this.copies = this.copies.map((old) => (old.name === copyName('web', path) ? how(old) : old));
  }
}
