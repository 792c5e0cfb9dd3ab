import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { listContainers } from '../../src/backup/container.ts';
import type { Run } from '../../src/host/run.ts';
import { listTrees } from '../../src/transaction/found-trees.ts';
import { listAll, listTree } from '../../src/zfs/dataset.ts';
import { listInventory, listInventoryIfThere } from '../../src/zfs/inventory.ts';
import { reloadKeys } from '../../src/zfs/keys.ts';
import { listAsides } from '../../src/zfs/list-asides.ts';
import { listPoints } from '../../src/zfs/newer.ts';
import { ownPropertiesOfExisting } from '../../src/zfs/own-properties.ts';
import { valuesOf } from '../../src/zfs/properties.ts';
import { describeSnapshots } from '../../src/zfs/snapshot.ts';
import { poolOfText, printedBy } from './pool-of-text.ts';
import type { Table } from './printed.ts';

const id = '01K7A0000000000000000000A1';
const web = 'z/jails/web';
const aside = `${web}.aside-${id}`;
/** A jail's: it writes into it what it likes. */
const evil = 'z/jails/evil';
const mark = JSON.stringify({ name: web, mounted: true, own: {}, sealed: true });

const native: Table[string] = {
  mounted: 'yes',
  readonly: ['off', 'default'],
  canmount: ['on', 'default'],
  quota: ['1024', 'local'],
  refquota: ['0', 'default'],
  reservation: ['0', 'default'],
  refreservation: ['0', 'default'],
  origin: '-',
  guid: '1',
  createtxg: '7',
  encryptionroot: '-',
};
const honest = (name: string): Table[string] => ({
  ...native,
  mountpoint: [`/${name}`, 'local'],
  'jtx:backup': ['on', 'local'],
});
const point = { guid: '2', createtxg: '9', creation: '1760000000', userrefs: '0', clones: '' };

const written = ['rollback', 'backup', 'backup-of', 'tx', 'aside', 'receiving'].map((name) => `jtx:${name}`);
/** In what of its own a jail can write. */
const free = ['mountpoint', 'keylocation', ...written, 'x:y'];
const plain = Object.fromEntries(free.map((name) => [name, ['/evil', 'local'] as const]));

/** What there is, with texts of the jail's in properties of its dataset, and the same in all that is below that. */
function hostWith(
  texts: Readonly<Record<string, string>>,
  below: Readonly<Record<string, string>> = {},
): Table {
  const given = (own: Readonly<Record<string, string>>): Table[string] => ({
    ...plain,
    ...Object.fromEntries(Object.entries(own).map(([name, text]) => [name, [text, 'local'] as const])),
  });
  return {
    z: honest('z'),
    'z/jails': honest('z/jails'),
    'z/jails/db': honest('z/jails/db'),
    'z/jails/db@by-hand': point,
    [web]: honest(web),
    [`${web}@by-hand`]: point,
    [`${web}@jtx-${id}`]: { ...point, 'jtx:tx': [id, 'local'], 'jtx:jail': ['web', 'local'] },
    [`${web}#mark`]: { guid: '2', createtxg: '9', creation: '1760000000' },
    [`${web}/www`]: honest(`${web}/www`),
    [aside]: { ...honest(aside), 'jtx:aside': [mark, 'local'] },
    [evil]: { ...native, ...given(texts) },
    [`${evil}@a`]: { ...point, ...given(below), mountpoint: '-', keylocation: '-' },
    [`${evil}@b`]: { ...point, ...given(below), mountpoint: '-', keylocation: '-' },
    [`${evil}/below`]: { ...native, ...given(below) },
    'z/zoo': honest('z/zoo'),
    'z/zoo@by-hand': point,
  };
}

type Reading = Record<string, unknown>;

/** Each reader, and what it reads of all but the jail's, by what that is of. */
const readers: Record<string, (run: Run) => Promise<Reading>> = {
  listTree: async (run) => named(await listTree(run, 'z/jails')),
  listAll: async (run) => named(await listAll(run)),
  listTrees: async (run) =>
    named(
      await listTrees(run, { dataset: web, aside, incoming: { aside: 'z/zoo' }, members: [] }, ['z/jails']),
    ),
  listAsides: async (run) => named(await listAsides(run)),
  listPoints: async (run) => named(await listPoints(run, 'z')),
  listInventory: async (run) => Object.fromEntries(await listInventory(run, ['z/jails', 'z/zoo'])),
  listInventoryIfThere: async (run) => Object.fromEntries(await listInventoryIfThere(run, 'z')),
  describeSnapshots: async (run) =>
    named(await describeSnapshots(run, [`${web}@by-hand`, `${evil}@a`, `${web}@jtx-${id}`, `${web}@gone`])),
  valuesOf: async (run) => Object.fromEntries(await valuesOf(run, 'jtx:backup', [web, evil, 'z/zoo'])),
  listContainers: async (run) => named(await listContainers(run, new RegExp(`^z/jails.restore-(${id})$`))),
  reloadKeys: async (run) => named(await reloadKeys(run, 'z')),
  ownProperties: async (run) =>
    Object.fromEntries(
      (await ownPropertiesOfExisting(run, ['z/jails/db', evil, web, `${evil}/below`, 'z/zoo', 'z/gone'])).own,
    ),
};

function named(found: readonly { name: string }[]): Reading {
  return Object.fromEntries(found.map((one) => [one.name, one]));
}

/** What was read, but for what is of the jail's own. */
async function readOf(read: (run: Run) => Promise<Reading>, table: Table): Promise<Reading> {
  const found = await read(poolOfText(table).run);
  return Object.fromEntries(Object.entries(found).filter(([name]) => !name.startsWith(evil)));
}

/** Of whom something is made up: of what is listed before and after the jail's own, and of what there is not. */
const victims = [
  'z/jails/db',
  'z/jails/db@by-hand',
  web,
  `${web}@by-hand`,
  `${web}@gone`,
  'z/gone',
  'z/jails/ghost',
  `z/jails.restore-${id}`,
  `z/jails/db.aside-${id}`,
];
/** What is made up. */
const falsehood: Table[string] = {
  ...native,
  ...point,
  mounted: 'no',
  quota: ['0', 'local'],
  encryptionroot: 'z/gone',
  keystatus: 'unavailable',
  mountpoint: ['/etc', 'local'],
  keylocation: ['prompt', 'local'],
  'jtx:rollback': ['off', 'local'],
  'jtx:backup': ['off', 'local'],
  'jtx:backup-of': ['{}', 'local'],
  'jtx:tx': [id, 'local'],
  'jtx:aside': [mark.replace(web, 'z/jails/db'), 'local'],
  'jtx:receiving': [id, 'local'],
  'jtx:new': ['1', 'local'],
};

/** What a jail would write into a property, if it knew the command and were to have a listing that looks whole. */
function forgeries(command: string, property: string, victim: string): string[] {
  const cut = '\u0000';
  const [head, ...rest] = printedBy(command, evil, hostWith({ [property]: cut })).split(cut);
  if (head === undefined || rest.length === 0) return [];
  const tail = rest.join('v');
  const made = printedBy(command, victim, { [victim]: falsehood });
  const lines = made.split('\n').slice(0, -1);
  const [begun = ''] = printedBy(command, victim, { [victim]: { ...falsehood, [property]: cut } }).split(cut);
  return [
    // It ends itself, and begins anew: before or after what is made up, or on both sides.
    `v${tail}${made}${head}v`,
    `v\n${made}${head}v`,
    `v${tail}${made.slice(0, -1)}`,
    `v${tail}${begun}v`,
    // Its own end is that of what is made up, or something of it.
    `v\n${made.slice(0, -1)}`,
    `v\n${lines.slice(0, -1).join('\n')}`,
    ...lines.map((line) => `v\n${line}`),
  ];
}

const words = ['off', 'local', '-', 'filesystem', 'yes', id, mark, '7', '/etc', ''];
const names = [...victims, evil, `${evil}@a`];
const properties = [...Object.keys(native), ...Object.keys(point), ...free, 'type'];
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('\n', '\t') },
  { weight: 2, arbitrary: fc.constantFrom(...names, ...properties, ...words) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...names), fc.constantFrom(...properties), fc.constantFrom(...words))
      .map(([name, property, value]) => `\n${name}\t${property}\tlocal\t${value}`),
  },
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe.each(Object.entries(readers))('%s', (_, read) => {
  it('reads of others what is so, however well a jail has forged', { timeout: 120_000 }, async () => {
    const well = poolOfText(hostWith({}));
    await read(well.run);
    const truth = await readOf(read, hostWith({}));
    let tried = 0;
    for (const command of new Set(well.calls))
      for (const property of free)
        for (const victim of victims)
          for (const text of forgeries(command, property, victim)) {
            const found = await readOf(read, hostWith({ [property]: text }));
            expect(found, `${property} of ${text}`).toEqual(truth);
            tried += 1;
          }
    expect(tried).toBeGreaterThan(30);
  });

  it('reads of others what is so, whatever a jail writes', { timeout: 120_000 }, async () => {
    const truth = await readOf(read, hostWith({}));
    const some = fc.dictionary(fc.constantFrom(...free), text, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(some, some, async (texts, below) => {
        expect(await readOf(read, hostWith(texts, below))).toEqual(truth);
      }),
      { numRuns: 300 },
    );
  });

  it('takes one process, or two with what it does then, and a few more where a jail forges', async () => {
    const well = poolOfText(hostWith({}));
    await read(well.run);
    expect(well.calls.length).toBeLessThanOrEqual(2);
    const forged = poolOfText(hostWith({ mountpoint: '/a\tb\nc', 'jtx:tx': 'x\n\ny\n' }, { 'x:y': '\n' }));
    await read(forged.run);
    expect(forged.calls.length).toBeLessThanOrEqual(24);
  });
});

test('a jail that says one property twice has none of its own that could be read, and only it', async () => {
  const twice = hostWith({ mountpoint: `/evil\n${evil}\tquota\tlocal\tnone` });
  const { own, unreadable } = await ownPropertiesOfExisting(poolOfText(twice).run, [evil, web]);
  expect([...own.keys()]).toEqual([web]);
  expect(unreadable.get(evil)).toMatchObject({
    code: 'properties-unreadable',
    hint: expect.stringContaining(`zfs get all ${evil} | cat -v`),
  });
});

test('one with a harmless newline in a value keeps that', async () => {
  const { own } = await ownPropertiesOfExisting(
    poolOfText(hostWith({ mountpoint: '/a\nb', 'x:y': 'one\n\ttwo\n' })).run,
    [evil],
  );
  expect(new Map(own.get(evil)).get('mountpoint')).toBe('/a\nb');
  expect(new Map(own.get(evil)).get('x:y')).toBe('one\n\ttwo\n');
});

test('of what is asked about alone all that ZFS decides is so', async () => {
  const forged = `/a\n${evil}\tcreatetxg\t-\t99\n${evil}\tjtx:backup-of\tlocal\tx`;
  const found = await listInventory(poolOfText(hostWith({ mountpoint: forged })).run, ['z/jails']);
  expect(found.get(evil)).toMatchObject({
    mountpoint: '/a',
    mounted: true,
    points: [{ txg: 9 }, { txg: 9 }],
  });
  const tree = await listTree(
    poolOfText(hostWith({ mountpoint: '/a\nb', 'jtx:rollback': 'off\n' })).run,
    evil,
  );
  expect(tree.map(({ name }) => name)).toEqual([evil, `${evil}/below`]);
});

test('thousands of snapshots of one jail cost the others some dozens of processes', async () => {
  const many = Array.from({ length: 5_000 }, (_, at) => [
    `${evil}@snapshot-${at}`,
    { ...point, 'jtx:tx': [`x\n${web}@by-hand\tjtx:tx\tlocal\t${id}`, 'local'] as const },
  ]);
  const { run, calls } = poolOfText({ ...hostWith({}), ...Object.fromEntries(many) });
  const points = await listPoints(run, 'z');
  expect(points).toHaveLength(5_000 + 7);
  expect(points.find(({ name }) => name === `${web}@by-hand`)?.own).toBe(false);
  expect(calls.length).toBeLessThanOrEqual(60);
});

test('of one that has printed more than is kept the others are asked about apart', async () => {
  const { run, calls } = poolOfText(hostWith({}));
  const flooding: Run = async (command, options) => {
    const finished = await run(command, options);
    const isAll = finished.stdout.split('\n').length > 100;
    return isAll
      ? {
          ...finished,
          status: 137,
          // Whole lines, of whole objects: what is missing does not show in them.
          stdout: finished.stdout.split('\n').slice(0, 15).join('\n'),
          stderr: "cannot open 'z/gone': dataset does not exist\n",
          flooding: true,
        }
      : finished;
  };
  const found = await listInventory(flooding, ['z']);
  expect(found).toEqual(await listInventory(run, ['z']));
  expect(calls.length).toBeGreaterThan(3);
});
