import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberOf } from '../pkg/archive.ts';
import { blake2Sum, hasSum, linkContent } from '../pkg/sums.ts';
import { buildRepositories, type Repositories } from './build.ts';
import { labCacheDirectory } from './cache-directory.ts';
import { catalogue, catalogueEntries, readArchive } from './read-repository.ts';

const FIXTURES = 'test/fixtures/pkg/repo-1.0';
const SMALL = 1 << 20;

let built: Repositories;

beforeAll(async () => {
  built = await buildRepositories(labCacheDirectory(), () => undefined);
}, 300_000);

describe('the format', () => {
  it("is the real pkg's, in the catalogue", () => {
    for (const name of ['meta', 'meta.conf']) {
      expect(readFileSync(join(built.current, name), 'utf8')).toBe(
        readFileSync(join(FIXTURES, name), 'utf8'),
      );
    }
    const site = memberOf(readFileSync(join(built.current, 'packagesite.pkg')), 'packagesite.yaml');
    const lines = site?.toString('utf8').trimEnd().split('\n') ?? [];
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(catalogueEntries(built.current));
  });

  it('has for the same archives the entries that the real pkg wrote', () => {
    const ours = new Map(catalogueEntries(built.current).map((entry) => [entry['name'], entry]));
    for (const entry of catalogueEntries(FIXTURES)) {
      expect(JSON.stringify(ours.get(entry['name']))).toBe(JSON.stringify(entry));
    }
  });

  it("has the keys of the real pkg's manifests, in their order, and only known ones beside them", () => {
    const more = ['annotations', 'users', 'groups', 'shlibs_required', 'shlibs_provided'];
    const hello = readArchive(FIXTURES, { repopath: 'All/hello-1.0.pkg' });
    const model = [...Object.keys(hello.full), 'lua_scripts', 'vital', ...more];
    for (const pkg of catalogue(built.current).filter((one) => one.pkgsize < SMALL)) {
      const { full, compact } = readArchive(built.current, pkg);
      expect(Object.keys(full).filter((key) => !model.includes(key))).toEqual([]);
      const known = Object.keys(compact).filter((key) => Object.keys(hello.compact).includes(key));
      expect(known).toEqual(Object.keys(hello.compact).filter((key) => known.includes(key)));
    }
  });
});

describe('every package', () => {
  it('has the sums, sizes and members that are said of it', () => {
    for (const directory of [built.current, built.next]) {
      for (const pkg of catalogue(directory)) {
        const archive = readFileSync(join(directory, pkg.repopath));
        expect(archive.length).toBe(pkg.pkgsize);
        expect(blake2Sum(archive)).toBe(pkg.sum);
        expectArchiveAgrees(directory, pkg);
      }
    }
  });

  it('has a higher version in the next repository, or the same archive', () => {
    const before = new Map(catalogue(built.current).map((pkg) => [pkg.name, pkg]));
    for (const pkg of catalogue(built.next)) {
      const old = before.get(pkg.name);
      if (old?.version === pkg.version) expect(pkg.sum).toBe(old.sum);
      else expect(old).toBeDefined();
    }
  });
});

function expectArchiveAgrees(directory: string, pkg: { repopath: string; flatsize: number }): void {
  const { manifest, members } = readArchive(directory, pkg);
  const listed = [...manifest.files, ...manifest.directories].map((file) => file.path).sort();
  expect(members.map((member) => member.path.replace(/\/$/, '')).sort()).toEqual(listed);
  const entries = new Map(manifest.files.map((file) => [file.path, file]));
  let size = 0;
  for (const member of members) {
    const entry = entries.get(member.path);
    if (entry === undefined) continue;
    const isLink = member.type === 'symlink';
    expect(hasSum(isLink ? linkContent(member.linkTarget) : member.content, entry.sum)).toBe(true);
    expect(entry.symlinkTarget).toBe(isLink ? member.linkTarget : undefined);
    expect([entry.perm, entry.mtime]).toEqual([member.mode, member.mtime]);
    size += member.content.length;
  }
  expect(size).toBe(pkg.flatsize);
}
