import { encodeTime } from 'ulid';
import { expect, test } from 'vitest';
import { asideJson, asideTable, asideText } from '../../src/report/aside-text.ts';
import { colours } from '../../src/report/colour.ts';
import { absoluteTime } from '../../src/report/time.ts';
import type { JailAside } from '../../src/transaction/jail-asides.ts';

const at = 1_760_000_000_000;
const now = at + 180_000;
const id = `${encodeTime(at, 10)}${'7'.repeat(16)}`;
const name = `zroot/jails/web.aside-${id}`;

const aside: JailAside = {
  transaction: id,
  jail: 'web',
  root: '/jails/web',
  dataset: 'zroot/jails/web',
  name,
  used: 28_311_552,
  origin: 'zroot/jails/web@jtx-01K7A0000000000000000000A1',
  members: [
    { name, mountpoint: `/jails/web.aside-${id}`, mounted: false },
    { name: `${name}/data`, mountpoint: `/jails/web.aside-${id}/data`, mounted: true },
    { name: `${name}/old`, mountpoint: 'legacy', mounted: false },
    { name: `${name}/none`, mountpoint: 'none', mounted: false },
  ],
};

test('what is set aside, in a pipe', async () => {
  const look = { tty: false, colour: colours(false) };
  expect((await asideTable([aside], now, look)).split('\n')).toEqual([
    'TRANSACTION                 WHEN           JAIL  USED      DATASET',
    `${id}  3 minutes ago  web   27.0 MiB  ${name}`,
  ]);
  expect(await asideTable([], now, look)).toBe('TRANSACTION  WHEN  JAIL  USED  DATASET');
});

test('on a terminal it is the same, in colour', async () => {
  const coloured = await asideTable([aside], now, { tty: true, colour: colours(true) });
  expect(coloured).toContain('\x1b[2m3 minutes ago\x1b[22m');
  for (const text of [id, name, '27.0 MiB']) expect(coloured).toContain(text);
});

test('one of them, with the commands to look into it', () => {
  expect(asideText(aside, now).split('\n')).toEqual([
    `dataset      ${name}`,
    'jail         web',
    `was          zroot/jails/web, until ${absoluteTime(at)} (3 minutes ago)`,
    `set aside by ${id}`,
    'in its place zroot/jails/web@jtx-01K7A0000000000000000000A1',
    'used         27.0 MiB',
    '',
    'Its file systems, which take no writes:',
    `  ${name}`,
    `  ${name}/data, mounted at /jails/web.aside-${id}/data`,
    `  ${name}/old`,
    `  ${name}/none`,
    'To look into it:',
    `  zfs mount ${name}    # /jails/web.aside-${id}`,
    'To bring it back in the place of what is there now, or to destroy it:',
    `  jtx rollback web ${id}`,
    `  jtx aside drop ${id}`,
  ]);
});

test('the jail is called by its own name, not by what its dataset ends in', () => {
  const dataset = 'zroot/bastille/jails/web/root';
  expect(asideText({ ...aside, dataset, jail: 'web' }, now)).toContain(`  jtx rollback web ${id}\n`);
});

test('where all is mounted, and nothing is known of its origin, that is left out', () => {
  const members = [{ name, mountpoint: '/x', mounted: true }];
  const text = asideText({ ...aside, origin: undefined, members }, now);
  expect(text).not.toContain('in its place');
  expect(text).not.toContain('To look into it');
  expect(text).toContain('mounted at /x');
});

test('a mount point that the jail has chosen does not steer the terminal', () => {
  const members = [
    { name, mountpoint: '/a\x1b[2J\nb', mounted: false },
    { name: `${name}/c`, mountpoint: '/c\u202e', mounted: true },
  ];
  const text = asideText({ ...aside, members }, now);
  expect(text).toContain('# /a\\x1b[2J\\nb');
  expect(text).toContain('/c\\u202e');
  expect(text).not.toMatch(/[\x1b\u202e]/);
});

test('for scripts', () => {
  expect(asideJson(aside)).toEqual({
    transaction: id,
    at: new Date(at).toISOString(),
    jail: 'web',
    dataset: 'zroot/jails/web',
    name,
    used: 28_311_552,
    origin: 'zroot/jails/web@jtx-01K7A0000000000000000000A1',
    members: aside.members,
  });
  expect(asideJson({ ...aside, origin: undefined })).toMatchObject({ origin: null });
});
