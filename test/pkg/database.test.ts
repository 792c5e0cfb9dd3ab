import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  digest,
  type InstalledPackage,
  matchesDigest,
  readPackages,
  schemaVersion,
} from '../../src/pkg/database.ts';
import { deadline } from '../lab/deadline.ts';
import { emptyRoot, rootWithPackages, temporaryDirectory } from './jail-root.ts';

const at = (root: string, suffix = ''): string => join(root, `var/db/pkg/local.sqlite${suffix}`);
const unreadable = expect.objectContaining({ code: 'package-database-unreadable', outcome: 'refused' });

/** What a look at the database must leave alone. */
function look(root: string): unknown {
  const directory = join(root, 'var/db/pkg');
  const { mtimeNs, ctimeNs } = statSync(directory, { bigint: true });
  return [
    mtimeNs,
    ctimeNs,
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name)).toString('hex')]),
  ];
}

function write(root: string, sql: string): void {
  const database = new Database(at(root));
  database.exec(sql);
  database.close();
}

/**
 * Makes a table one of a few small pages, and of more rows than anybody could read: each of twelve interior pages
 * leads to the next by all its pointers.
 */
function endless(root: string, table: string): void {
  const database = new Database(at(root));
  // Rows that belong to nothing: what joins them finds none.
  database.pragma('foreign_keys = OFF');
  if (table !== 'packages') database.exec(`INSERT INTO ${table} VALUES (-1, -1)`);
  const top = Number(
    database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table),
  );
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const content = readFileSync(at(root));
  const pages = content.length / size;
  const leaf = content.subarray((top - 1) * size, top * size);
  const more = Array.from({ length: 11 }, (_, number) => interiorPage(size, pages + number + 2));
  const whole = Buffer.concat([content, ...more, leaf]);
  interiorPage(size, pages + 1).copy(whole, (top - 1) * size);
  whole.writeUInt32BE(pages + more.length + 1, 28);
  writeFileSync(at(root), whole);
}

/** A page of a table's tree (the file format of SQLite, 1.6) of a hundred pointers, all to one other page. */
function interiorPage(size: number, to: number): Buffer {
  const page = Buffer.alloc(size);
  const cells = 100;
  const content = size - cells * 5;
  page[0] = 5;
  page.writeUInt16BE(cells, 3);
  page.writeUInt16BE(content, 5);
  page.writeUInt32BE(to, 8);
  for (let cell = 0; cell < cells; cell += 1) {
    page.writeUInt16BE(content + cell * 5, 12 + cell * 2);
    page.writeUInt32BE(to, content + cell * 5);
    page[content + cell * 5 + 4] = cell;
  }
  return page;
}

test('reads what a real pkg wrote, and changes nothing in the jail', async () => {
  const root = rootWithPackages();
  const before = look(root);
  const mine = readdirSync(tmpdir()).filter((name) => name.startsWith(`jtx-${process.pid}-`));
  const packages = await readPackages(root);
  expect(packages.length).toBeGreaterThan(0);
  expect(packages).toContainEqual(
    expect.objectContaining({
      name: 'tiny',
      origin: 'test/tiny',
      categories: ['test'],
      flavor: undefined,
      locked: false,
      provides: [],
      requires: [],
    }),
  );
  expect(schemaVersion(root)).toBe(42);
  expect(look(root)).toEqual(before);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`jtx-${process.pid}-`))).toEqual(mine);
});

test('reads in which categories a package is, and its flavor', async () => {
  const root = rootWithPackages();
  write(
    root,
    `INSERT INTO categories (id, name) VALUES (90, 'www'), (91, 'python');
     INSERT INTO pkg_categories SELECT id, 90 FROM packages WHERE name = 'tiny';
     INSERT INTO pkg_categories SELECT id, 91 FROM packages WHERE name = 'tiny';
     INSERT INTO annotation VALUES (90, 'flavor'), (91, 'py311');
     INSERT INTO pkg_annotation SELECT id, 90, 91 FROM packages WHERE name = 'tiny'`,
  );
  const packages = await readPackages(root);
  const tiny = packages.find((entry) => entry.name === 'tiny');
  expect(tiny).toMatchObject({ categories: ['test', 'www', 'python'], flavor: 'py311' });
  const others = packages.filter((entry) => entry.name !== 'tiny');
  expect(others.map(({ flavor }) => flavor)).toEqual(others.map(() => undefined));
});

test('no database, and an empty one, are no packages', async () => {
  const root = emptyRoot();
  expect(await readPackages(root)).toEqual([]);
  expect(schemaVersion(root)).toBeUndefined();
  writeFileSync(at(root), '');
  expect(await readPackages(root)).toEqual([]);
  expect(await readPackages(temporaryDirectory())).toEqual([]);
});

test('sees what is only in the write-ahead log yet', async () => {
  const root = rootWithPackages();
  const writer = new Database(at(root));
  writer.pragma('journal_mode = WAL');
  writer.pragma('wal_autocheckpoint = 0');
  writer.exec("UPDATE packages SET version = '9.9', locked = 1, automatic = 1 WHERE name = 'tiny'");
  // As a kill leaves it: both files, copied while the writer has them open.
  const killed = emptyRoot();
  copyFileSync(at(root), at(killed));
  copyFileSync(at(root, '-wal'), at(killed, '-wal'));
  writer.close();
  const tiny = (await readPackages(killed)).find((entry) => entry.name === 'tiny');
  expect(tiny).toMatchObject({ version: '9.9', locked: true, automatic: true });
});

test.each<[string, (root: string) => void]>([
  [
    'is a symbolic link',
    (root) => {
      renameSync(at(root), join(root, 'elsewhere'));
      symlinkSync(join(root, 'elsewhere'), at(root));
    },
  ],
  ['has a link for a log', (root) => symlinkSync('/etc/passwd', at(root, '-wal'))],
  [
    'is a directory',
    (root) => {
      renameSync(at(root), join(root, 'elsewhere'));
      mkdirSync(at(root));
    },
  ],
  ['is endless', (root) => truncateSync(at(root), 2 * 1024 ** 3)],
  ['is cut off', (root) => truncateSync(at(root), 5000)],
  ['is no database', (root) => writeFileSync(at(root), 'x'.repeat(5000))],
  ['has no packages', (root) => write(root, 'DROP TABLE packages')],
  [
    'has a view of packages',
    (root) =>
      write(
        root,
        "DROP TABLE packages; CREATE VIEW packages AS SELECT 1 AS id, 'a' AS name, '1' AS version, 'a/a' AS origin, 0 AS automatic, 0 AS locked",
      ),
  ],
  [
    'has a virtual table of packages',
    (root) =>
      write(
        root,
        'DROP TABLE packages; CREATE VIRTUAL TABLE packages USING fts5(id, name, version, origin, automatic, locked)',
      ),
  ],
  [
    'has a name that is computed',
    (root) =>
      write(
        root,
        'ALTER TABLE packages RENAME COLUMN name TO other; ALTER TABLE packages ADD COLUMN name AS (hex(zeroblob(1000)))',
      ),
  ],
  ['has packages without end', (root) => endless(root, 'packages')],
  ['has libraries without end, none of them named', (root) => endless(root, 'pkg_shlibs_required')],
  ['has categories without end, none of them named', (root) => endless(root, 'pkg_categories')],
  [
    'has a control character in a name',
    (root) => write(root, "UPDATE packages SET name = char(27) || '[2J' WHERE name = 'tiny'"),
  ],
  ['has an option for a name', (root) => write(root, "UPDATE packages SET name = '-f' WHERE name = 'tiny'")],
  [
    'has a number for a version',
    (root) => write(root, "UPDATE packages SET version = x'00' WHERE name = 'tiny'"),
  ],
  [
    'was being written without a log',
    (root) => writeFileSync(at(root, '-journal'), Buffer.from('d9d505f920a163d700000001', 'hex')),
  ],
])('a database that %s is refused, and left as it is', async (_, spoil) => {
  const root = rootWithPackages();
  spoil(root);
  const started = performance.now();
  await expect(readPackages(root)).rejects.toEqual(unreadable);
  expect(performance.now() - started).toBeLessThan(deadline(5_000));
});

test('a journal that was wiped is no hindrance', async () => {
  const root = rootWithPackages();
  writeFileSync(at(root, '-journal'), Buffer.alloc(512));
  expect((await readPackages(root)).length).toBeGreaterThan(0);
});

test('a directory on the way that leads out of the jail is refused', async () => {
  const root = rootWithPackages();
  renameSync(join(root, 'var/db'), join(root, 'var/other'));
  symlinkSync(join(root, 'var/other'), join(root, 'var/db'));
  await expect(readPackages(root)).rejects.toEqual(expect.objectContaining({ code: 'root-unsafe' }));
});

test('a database of a read-only directory is read', async () => {
  const root = rootWithPackages();
  chmodSync(join(root, 'var/db/pkg'), 0o555);
  expect((await readPackages(root)).length).toBeGreaterThan(0);
});

const entry: InstalledPackage = {
  name: 'a',
  version: '1',
  origin: 'x/a',
  categories: ['x'],
  flavor: undefined,
  automatic: false,
  locked: false,
  registration: '1 x',
  provides: [],
  requires: [],
};

test('a digest tells lists apart, whatever their order', () => {
  const other = { ...entry, name: 'b' };
  expect(digest([entry, other])).toBe(digest([other, entry]));
  const all = [
    [],
    [entry],
    [other],
    [entry, other],
    [{ ...entry, version: '2' }],
    [{ ...entry, automatic: true }],
    [{ ...entry, locked: true }],
  ];
  expect(new Set(all.map(digest)).size).toBe(all.length);
});

test('a list is known again by its digest, and a digest of another version says nothing', () => {
  const other = { ...entry, name: 'b' };
  expect(matchesDigest([entry, other], digest([other, entry]))).toBe(true);
  expect(matchesDigest([entry], digest([{ ...entry, locked: true }]))).toBe(false);
  expect(matchesDigest([entry], '0:somewhat')).toBe(true);
});
