import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member } from '../../src/journal/rows.ts';
import {
  type Exchange,
  type ExchangeStep,
  type Existing,
  remainingSteps,
} from '../../src/transaction/exchange-plan.ts';

const jail = 'zroot/jails/web';
const aside = 'zroot/jails/web.aside-01K7A0000000000000000000A2';
const earlier = 'zroot/jails/web.aside-01K7A0000000000000000000A1';

function member(path: string, reverted = true): Member {
  return { name: jail + path, mountpoint: `/jails/web${path}`, mounted: true, reverted };
}

function existing(name: string, origin?: string, marked = false): Existing {
  return { name, origin, marked };
}

function incoming(...paths: string[]): Map<string, string> {
  return new Map(paths.map((path) => [path, `${aside}${path}@s`]));
}

const words = (step: ExchangeStep): string =>
  'from' in step ? `rename ${step.from} ${step.to}` : `${step.do} ${step.dataset}`;

describe('setting aside', () => {
  const exchange: Exchange = {
    dataset: jail,
    aside,
    incoming: { snapshot: 's', tree: aside },
    members: [member(''), member('/data', false), member('/www'), member('/new')],
  };
  const before = [existing(jail), existing(`${jail}/data`), existing(`${jail}/www`), existing(`${jail}/new`)];
  const snapshots = incoming('', '/data', '/www');

  it('goes by name, by clone, by promotion, and seals what was left', () => {
    expect(remainingSteps(exchange, before, snapshots).map(words)).toEqual([
      `rename ${jail} ${aside}`,
      `clone ${jail}`,
      `rename ${aside}/data ${jail}/data`,
      `clone ${jail}/www`,
      `permit ${jail}`,
      `permit ${jail}/www`,
      `promote ${jail}`,
      `promote ${jail}/www`,
      `mark ${aside}/www`,
      `mark ${aside}/new`,
      `mark ${aside}`,
    ]);
  });

  it('leaves aside a child that was made since, also one that is kept below it', () => {
    const members = [member(''), member('/new'), member('/new/kept', false)];
    const found = [existing(jail), existing(`${jail}/new`), existing(`${jail}/new/kept`)];
    const steps = remainingSteps({ ...exchange, members }, found, incoming(''));
    expect(steps.filter(({ do: what }) => what === 'rename' || what === 'clone').map(words)).toEqual([
      `rename ${jail} ${aside}`,
      `clone ${jail}`,
    ]);
  });

  it('reserves room once what was left has let go of it, also after a crash just before', () => {
    const found = before.map((one) => ({ ...one, limited: one.name !== jail }));
    const steps = remainingSteps(exchange, found, snapshots);
    expect(steps.slice(-2).map(words)).toEqual([`mark ${aside}`, `limit ${jail}/www`]);
    const world = new Map(found.map((one) => [one.name, one]));
    for (const step of steps.slice(0, -1)) apply(world, step);
    const rest = remainingSteps(exchange, [...world.values()], snapshots);
    expect(rest).toEqual([{ do: 'limit', dataset: `${jail}/www`, like: `${aside}/www` }]);
  });

  it('promotes no further than out of what was set aside: a template stays the origin', () => {
    const found = [existing(jail, 'zroot/template@base'), existing(earlier, `${jail}@s`, true)];
    const steps = remainingSteps({ ...exchange, members: [member('')] }, found, incoming(''));
    expect(steps.filter(({ do: what }) => what === 'promote')).toEqual([{ do: 'promote', dataset: jail }]);
  });
});

describe('going back to a state that lies in another tree', () => {
  const exchange: Exchange = {
    dataset: jail,
    aside,
    incoming: { snapshot: 's', tree: earlier },
    members: [member(''), member('/data', false)],
  };
  const before = [
    existing(jail),
    existing(`${jail}/data`),
    existing(earlier, `${jail}@r`, true),
    existing(`${earlier}/www`, undefined, true),
  ];
  const snapshots = new Map(['', '/data', '/www'].map((path) => [path, `${earlier}${path}@s`]));

  it('brings back the children that the jail has no more', () => {
    const steps = remainingSteps(exchange, before, snapshots);
    expect(steps.map(words)).toEqual([
      `rename ${jail} ${aside}`,
      `clone ${jail}`,
      `rename ${aside}/data ${jail}/data`,
      `clone ${jail}/www`,
      `permit ${jail}`,
      `permit ${jail}/www`,
      `promote ${jail}`,
      `promote ${jail}`,
      `promote ${jail}/www`,
      `mark ${aside}`,
    ]);
    expect(steps).toContainEqual({
      do: 'clone',
      snapshot: `${earlier}/www@s`,
      dataset: `${jail}/www`,
      like: `${earlier}/www`,
    });
    expect(steps).toContainEqual({ do: 'permit', dataset: `${jail}/www`, like: `${earlier}/www` });
  });
});

describe('bringing back what was set aside', () => {
  const exchange: Exchange = {
    dataset: jail,
    aside,
    incoming: { aside: earlier },
    members: [member(''), member('/data', false), member('/www')],
  };
  const before = [
    existing(jail),
    existing(`${jail}/data`),
    existing(`${jail}/www`),
    existing(earlier, `${jail}@s`, true),
    existing(`${earlier}/www`, `${jail}/www@s`, true),
  ];

  it('is the same step backwards', () => {
    expect(remainingSteps(exchange, before, incoming()).map(words)).toEqual([
      `rename ${jail} ${aside}`,
      `rename ${earlier} ${jail}`,
      `rename ${aside}/data ${jail}/data`,
      `promote ${jail}`,
      `promote ${jail}/www`,
      `mark ${aside}/www`,
      `mark ${aside}`,
      `unmark ${jail}`,
      `unmark ${jail}/www`,
    ]);
  });
});

describe('putting what was restored in the place of a jail', () => {
  const exchange: Exchange = {
    dataset: jail,
    aside,
    incoming: { aside: earlier },
    members: [member(''), member('/data', false), member('/www'), member('/new')],
  };
  const restored = (path: string): Existing => ({
    ...existing(earlier + path, undefined, true),
    restored: true,
  });
  const before = [
    ...['', '/data', '/www', '/new'].map((path) => existing(jail + path)),
    ...['', '/www', '/gone'].map(restored),
  ];

  it('gives it the permissions of what is set aside, by path, before it loses its mark', () => {
    expect(remainingSteps(exchange, before, incoming()).map(words)).toEqual([
      `rename ${jail} ${aside}`,
      `rename ${earlier} ${jail}`,
      `rename ${aside}/data ${jail}/data`,
      `permit ${jail}`,
      `permit ${jail}/www`,
      `mark ${aside}/www`,
      `mark ${aside}/new`,
      `mark ${aside}`,
      `unmark ${jail}`,
      `unmark ${jail}/gone`,
      `unmark ${jail}/www`,
    ]);
    expect(remainingSteps(exchange, before, incoming())).toContainEqual({
      do: 'permit',
      dataset: `${jail}/www`,
      like: `${aside}/www`,
    });
  });

  it('in an empty place gives it none: nothing was there', () => {
    const steps = remainingSteps({ ...exchange, members: [] }, ['', '/www'].map(restored), incoming());
    expect(steps.map(words)).toEqual([`rename ${earlier} ${jail}`, `unmark ${jail}`, `unmark ${jail}/www`]);
  });

  it('is not what an undo of it does: that has its own', () => {
    const found = before.map(({ restored: _, ...one }) => one);
    const steps = remainingSteps(exchange, found, incoming());
    expect(steps.filter(({ do: what }) => what === 'permit')).toEqual([]);
  });
});

describe('a crash after any step', () => {
  const paths = ['', '/a', '/a/b', '/c', '/d'];
  const tree = fc.record({
    members: fc.subarray(paths.slice(1)).chain((chosen) => {
      const closed = paths.filter(
        (path) => path === '' || chosen.some((one) => one === path || one.startsWith(`${path}/`)),
      );
      return fc
        .array(fc.boolean(), { minLength: closed.length, maxLength: closed.length })
        .map((reverted) => closed.map((path, at) => member(path, path === '' || reverted[at] === true)));
    }),
    jails: fc.subarray(paths),
    back: fc.constantFrom('no', 'undone', 'restored'),
  });

  it('leaves what the remaining steps finish in the same way', () => {
    fc.assert(
      fc.property(tree, fc.nat(), ({ members, jails, back }, at) => {
        const exchange: Exchange = {
          dataset: jail,
          aside,
          incoming: back !== 'no' ? { aside: earlier } : { snapshot: 's', tree: aside },
          members,
        };
        const given = (name: string, taken: boolean): Partial<Existing> =>
          jails.includes(name.slice(jail.length))
            ? { delegation: { property: 'jailed', canmount: 'on' }, taken, untouched: !taken }
            : {};
        const world = new Map<string, Existing>(
          members.map(({ name }) => [name, { ...existing(name), ...given(name, false) }]),
        );
        if (back !== 'no') {
          for (const { name, reverted } of members) {
            if (!reverted) continue;
            const other = earlier + name.slice(jail.length);
            const came =
              back === 'restored'
                ? { ...existing(other, undefined, true), restored: true }
                : existing(other, `${name}@s`, true);
            world.set(other, { ...came, ...given(name, true) });
          }
        }
        const snapshots =
          back === 'no' ? incoming(...members.map(({ name }) => name.slice(jail.length))) : incoming();
        const whole = remainingSteps(exchange, [...world.values()], snapshots);
        const cut = whole.length === 0 ? 0 : at % whole.length;
        for (const step of whole.slice(0, cut)) apply(world, step);
        const rest = remainingSteps(exchange, [...world.values()], snapshots);
        const permitted = (steps: ExchangeStep[]): string[] =>
          steps.filter((step) => step.do === 'permit').map(words);
        const done = [...permitted(whole.slice(0, cut)), ...permitted(rest)];
        expect([...new Set(done)].sort()).toEqual([...permitted(whole)].sort());
        const essential = (steps: ExchangeStep[]): string[] =>
          steps.filter((step) => step.do !== 'permit').map(words);
        // Permissions are granted again until all is sealed; everything else is done once.
        expect(essential(rest)).toEqual(essential(whole.slice(cut)));
        for (const step of rest) apply(world, step);
        const wrong = [...world.values()].filter(
          ({ name, delegation, taken }) =>
            delegation !== undefined && taken === (name === jail || name.startsWith(`${jail}/`)),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

/** What zfs(8) does, as far as the plan looks at it. */
function apply(world: Map<string, Existing>, step: ExchangeStep): void {
  const within = (name: string, top: string): boolean => name === top || name.startsWith(`${top}/`);
  switch (step.do) {
    case 'rename': {
      const all = [...world.values()];
      world.clear();
      const renamed = (name: string): string =>
        within(name, step.from) ? step.to + name.slice(step.from.length) : name;
      for (const { name, origin, ...more } of all) {
        // zfs(8) renames nothing of which a part is a jail's.
        if (within(name, step.from) && more.delegation && !more.taken) throw new Error(`${name} is a jail's`);
        const [owner = '', snapshot = ''] = origin?.split('@') ?? [];
        const moved = origin === undefined ? undefined : `${renamed(owner)}@${snapshot}`;
        world.set(renamed(name), { ...more, name: renamed(name), origin: moved });
      }
      return;
    }
    case 'clone':
      world.set(step.dataset, {
        ...existing(step.dataset, step.snapshot),
        ...takenLike(step),
      });
      return;
    case 'promote': {
      const [owner = '', snapshot = ''] = world.get(step.dataset)?.origin?.split('@') ?? [];
      const left = world.get(owner);
      world.set(step.dataset, {
        ...(world.get(step.dataset) ?? existing(step.dataset)),
        origin: left?.origin,
      });
      if (left) world.set(owner, { ...left, origin: `${step.dataset}@${snapshot}` });
      return;
    }
    case 'mark':
    case 'unmark': {
      const left = world.get(step.dataset) ?? existing(step.dataset);
      const { restored: _, ...others } = left;
      world.set(step.dataset, { ...(step.do === 'mark' ? left : others), marked: step.do === 'mark' });
      return;
    }
    case 'take':
    case 'give':
      world.set(step.dataset, {
        ...(world.get(step.dataset) ?? existing(step.dataset)),
        taken: step.do === 'take',
        untouched: step.do === 'give',
      });
      return;
    case 'permit':
    case 'limit':
      return;
  }
}

function takenLike({ delegation }: Extract<ExchangeStep, { do: 'clone' }>): Partial<Existing> {
  return delegation === undefined ? {} : { delegation, taken: true, untouched: false };
}
