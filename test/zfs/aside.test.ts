import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  asideMark,
  carriedProperties,
  markProperty,
  newMark,
  parseMark,
  sealProperties,
  unsealProperties,
} from '../../src/zfs/aside.ts';
import { asideName, rehearsalName, splitAside } from '../../src/zfs/names.ts';
import type { Property } from '../../src/zfs/properties.ts';

const id = '01K7A0000000000000000000A2';
const jail = 'zroot/jails/web';
const aside = asideName(jail, id);

/** Where a mount point goes that lies in the jail's root. */
const moved = (path: string): string => path.replace(/^\/jails\/web(?=\/|$)/, `/jails/web.aside-${id}`);

/** What zfs(8) has of a dataset after some are set and some inherited. */
function changed(own: readonly Property[], set: readonly Property[], inherit: readonly string[] = []) {
  const properties = new Map<string, string>([...own, ...set]);
  for (const name of inherit) properties.delete(name);
  return properties;
}

describe('names', () => {
  it.each([
    [aside, ''],
    [rehearsalName(jail, id), ''],
    [`${aside}/var/db`, '/var/db'],
    [`${aside}/with space`, '/with space'],
  ])('%s is taken apart', (name, path) => {
    expect(splitAside(name)).toEqual({ dataset: jail, transaction: id, path });
  });

  it.each([
    jail,
    `${jail}.aside-${id.slice(1)}`,
    `${jail}.aside-${id}x`,
    `${jail}.aside-${id.toLowerCase()}`,
    `${jail}.other-${id}`,
    `${aside}@snapshot`,
    `.aside-${id}`,
    '',
  ])('%j is none that was set aside', (name) => {
    expect(splitAside(name)).toBeUndefined();
  });

  it('takes the last one, where a jail itself bears such a name', () => {
    expect(splitAside(asideName(aside, id))).toEqual({ dataset: aside, transaction: id, path: '' });
  });
});

describe('marks', () => {
  const own: Property[] = [
    ['canmount', 'on'],
    ['mountpoint', '/jails/web'],
    ['compression', 'lz4'],
  ];

  it('are read back as they were written, under either name', () => {
    const mark = newMark(jail, true, own);
    expect(mark).toEqual({
      name: jail,
      mounted: true,
      own: { canmount: 'on', mountpoint: '/jails/web' },
      sealed: false,
    });
    const [name, value] = markProperty(mark);
    expect(name).toBe('jtx:aside');
    for (const at of [jail, aside, rehearsalName(jail, id)]) expect(parseMark(value, at)).toEqual(mark);
    const [, sealed] = markProperty({ ...mark, sealed: true });
    expect(parseMark(sealed, aside)?.sealed).toBe(true);
    const [, restored] = markProperty({ ...mark, restored: true });
    expect(parseMark(restored, aside)).toEqual({ ...mark, restored: true });
  });

  it('of a parent are not taken for those of a child', () => {
    const [, value] = markProperty(newMark(jail, true, own));
    for (const name of [`${jail}/data`, `${aside}/data`, 'zroot/jails', `${jail}2`])
      expect(parseMark(value, name)).toBeUndefined();
    const [, ofChild] = markProperty(newMark(`${jail}/data`, true, own));
    expect(parseMark(ofChild, `${aside}/data`)?.name).toBe(`${jail}/data`);
    expect(parseMark(ofChild, `${aside}/data/deeper`)).toBeUndefined();
  });

  it.each(['-', '', '{', 'null', '[]', '"zroot/jails/web"', '{"name":1}', '{"own":{}}'])(
    '%j is none',
    (value) => {
      expect(parseMark(value, jail)).toBeUndefined();
    },
  );

  it('give nothing that is no text', () => {
    const value = JSON.stringify({
      name: jail,
      mounted: 'yes',
      own: { canmount: 1, readonly: 'on' },
      sealed: 1,
    });
    expect(parseMark(value, jail)).toEqual({
      name: jail,
      mounted: false,
      own: { readonly: 'on' },
      sealed: false,
    });
    expect(parseMark(JSON.stringify({ name: jail, own: 'x' }), jail)?.own).toEqual({});
  });
});

describe('sealing', () => {
  it.each<[string, Record<string, string>, boolean, Property[]]>([
    [
      'nothing of its own',
      {},
      true,
      [
        ['canmount', 'noauto'],
        ['readonly', 'on'],
      ],
    ],
    ['nothing of its own, a volume', {}, false, [['readonly', 'on']]],
    ['one that is never mounted', { canmount: 'off' }, true, [['readonly', 'on']]],
    [
      'a mount point in the root',
      { mountpoint: '/jails/web/var/db' },
      true,
      [
        ['canmount', 'noauto'],
        ['mountpoint', moved('/jails/web/var/db')],
        ['readonly', 'on'],
      ],
    ],
    [
      'a legacy mount point',
      { mountpoint: 'legacy' },
      true,
      [
        ['canmount', 'noauto'],
        ['readonly', 'on'],
      ],
    ],
    [
      'reservations',
      { reservation: '1048576', refreservation: '1048576' },
      false,
      [
        ['reservation', 'none'],
        ['refreservation', 'none'],
        ['readonly', 'on'],
      ],
    ],
  ])('of %s', (_what, own, filesystem, properties) => {
    const mark = { name: jail, mounted: true, own, sealed: false };
    expect(sealProperties(mark, filesystem, moved)).toEqual(properties);
  });

  const values: Readonly<Record<string, readonly string[]>> = {
    canmount: ['on', 'off', 'noauto'],
    readonly: ['on', 'off'],
    mountpoint: ['/jails/web', '/jails/web/var/db with space', '/elsewhere', 'legacy', 'none'],
    reservation: ['none', '1048576'],
    refreservation: ['none', '2097152'],
    quota: ['none', '1073741824'],
    compression: ['lz4'],
  };
  const owned = fc
    .tuple(
      fc.record(
        Object.fromEntries(Object.entries(values).map(([name, some]) => [name, fc.constantFrom(...some)])),
        { requiredKeys: [] },
      ),
      fc.dictionary(fc.constantFrom('org.x:note', 'org.x:other'), fc.string({ unit: 'grapheme' })),
    )
    .map(([native, user]): Property[] =>
      Object.entries({ ...native, ...user }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    );

  it('is undone by what undoes it', () => {
    fc.assert(
      fc.property(owned, fc.boolean(), fc.boolean(), (own, filesystem, mounted) => {
        const before = own.filter(([name]) => filesystem || (name !== 'canmount' && name !== 'mountpoint'));
        const mark = newMark(jail, mounted, before);
        const sealed = changed(before, [
          markProperty(mark),
          ...sealProperties(mark, filesystem, moved),
          markProperty({ ...mark, sealed: true }),
        ]);
        expect(sealed.get('readonly')).toBe('on');
        expect(sealed.get('canmount')).not.toBe('on');
        for (const name of ['reservation', 'refreservation']) expect(sealed.get(name) ?? 'none').toBe('none');
        const read = parseMark(sealed.get(asideMark) ?? '', aside);
        if (!read) throw new Error('its mark is not read');
        const { set, inherit } = unsealProperties(read, filesystem);
        const back = changed([...sealed], set, inherit);
        // What a dataset has by default may be its own afterwards: there is no way to inherit canmount.
        const expected = new Map(before);
        if (filesystem && !expected.has('canmount')) expected.set('canmount', 'on');
        expect(back).toEqual(expected);
        expect(inherit.at(-1)).toBe(asideMark);
      }),
    );
  });

  it('does not reach a clone of what is sealed: it gets what was there before', () => {
    fc.assert(
      fc.property(owned, (own) => {
        const mark = newMark(jail, true, own);
        const sealed = changed(own, [
          ...sealProperties(mark, true, moved),
          markProperty({ ...mark, sealed: true }),
        ]);
        const carried = carriedProperties([...sealed], mark);
        expect(new Map(carried)).toEqual(new Map(own));
        expect(carried).toHaveLength(own.length);
        expect(new Map(carriedProperties(own, undefined))).toEqual(new Map(own));
      }),
    );
  });
});

test.each([
  asideMark,
  'keylocation',
  'keyformat',
  'pbkdf2iters',
  'encryption',
  'volsize',
  'volblocksize',
  'origin',
  'version',
])('%s is not carried to a clone', (name) => {
  expect(
    carriedProperties(
      [
        [name, 'x'],
        ['quota', '1'],
      ],
      undefined,
    ),
  ).toEqual([['quota', '1']]);
});

test.each(['encryption.x:y', 'x:origin', 'snapshot_limit', 'canmount'])('%s is', (name) => {
  expect(carriedProperties([[name, 'x']], undefined)).toEqual([[name, 'x']]);
});
