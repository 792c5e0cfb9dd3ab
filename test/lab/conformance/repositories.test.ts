import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, makeBench, plain } from './bench.ts';
import { installed, runPkg } from './run-pkg.ts';

const PEM = String(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
);
let bench: Bench;

afterEach(async () => {
  await bench.end();
});

describe('downloads', () => {
  it('ends with 21 where an archive is missing, with the others kept in the cache', async () => {
    bench = await makeBench([plain('hello'), plain('tiny')]);
    bench.server.missing.add('All/tiny-1.0.pkg');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'hello', 'tiny']);
    expect(run.status).toBe(21);
    expect(await installed(bench.root)).toEqual([]);
    const cached = readdirSync(bench.root.path('var/cache/pkg'));
    expect(cached.filter((name) => name.startsWith('hello-1.0~'))).toHaveLength(1);
    expect(cached.filter((name) => name.startsWith('tiny'))).toEqual([]);
  });

  it.each([
    ['cut', (all: Buffer) => all.subarray(0, all.length - 5), 'fetch size does not match'],
    ['changed', (all: Buffer) => Buffer.alloc(all.length, 1), 'failed checksum from repository'],
  ])('refuses an archive that is %s', async (_, damage, message) => {
    bench = await makeBench([plain('tiny')]);
    const archive = readFileSync(join(bench.directory, 'All/tiny-1.0.pkg'));
    bench.server.replaced.set('All/tiny-1.0.pkg', damage(archive));
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain(message);
    expect(await installed(bench.root)).toEqual([]);
  });

  it('ends with 9, without a word, where the server hangs up: to pkg there is nothing newer', async () => {
    bench = await makeBench([plain('tiny')]);
    await runPkg(bench.root, ['update']);
    bench.server.hangsUp = true;
    const update = await runPkg(bench.root, ['update', '-f']);
    expect([update.status, update.stderr]).toEqual([0, '']);
    expect(update.stdout).toContain('lab repository is up to date.');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect([run.status, run.stderr]).toEqual([9, '']);
    expect(await installed(bench.root)).toEqual([]);
  });

  it('trusts a cached archive of the right size until it opens it', async () => {
    bench = await makeBench([plain('tiny')]);
    await runPkg(bench.root, ['install', '-yF', '--', 'tiny']);
    const cache = bench.root.path('var/cache/pkg');
    const name = readdirSync(cache).find((entry) => entry.includes('~')) ?? '';
    writeFileSync(join(cache, name), Buffer.alloc(readFileSync(join(cache, name)).length, 1));
    const run = await runPkg(bench.root, ['install', '-yU', '--', 'tiny']);
    expect(run.status).toBe(3);
    expect(await installed(bench.root)).toEqual([]);
  });

  it('checks no sums in a file:// repository and caches nothing', async () => {
    bench = await makeBench([plain('tiny', '1.0', { wrongSum: true })]);
    for (const name of ['data.pkg', 'meta.conf', 'All/tiny-1.0.pkg']) {
      bench.root.write(`repo/${name}`, '');
      writeFileSync(bench.root.path(`repo/${name}`), readFileSync(join(bench.directory, name)));
    }
    bench.root.useRepository('file:///repo');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(0);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
    expect(existsSync(bench.root.path('var/cache/pkg/tiny-1.0.pkg'))).toBe(false);
  });
});

describe('catalogues', () => {
  it('refuses another architecture, but only while it reads the catalogue', async () => {
    bench = await makeBench([plain('arm', '1.0', { abi: 'FreeBSD:14:aarch64' })]);
    const refused = await runPkg(bench.root, ['install', '-y', '--', 'arm']);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('wrong architecture: FreeBSD:14:aarch64 instead of FreeBSD:14:amd64');
    const arm = ['-o', 'ABI=FreeBSD:14:aarch64', '-o', 'OSVERSION=1401000'];
    expect((await runPkg(bench.root, ['update', '-f'], { global: arm })).status).toBe(0);
    expect((await runPkg(bench.root, ['install', '-y', '--', 'arm'])).status).toBe(0);
    expect(await installed(bench.root)).toEqual(['arm 1.0']);
  });

  const byFingerprints = ', signature_type: fingerprints, fingerprints: "/etc/fingerprints"';
  const byKey = ', signature_type: pubkey, pubkey: "/etc/key.pub"';

  it.each([
    ['an unsigned', byFingerprints, PEM, 'No signature found'],
    ['a wrongly signed', byKey, PEM, 'Invalid signature, removing repository.'],
    ['an unreadable key for a', byKey, 'key', 'Invalid signature, removing repository.'],
  ])('says of %s catalogue that it is up to date, and has none then', async (_, more, key, message) => {
    bench = await makeBench([plain('tiny')]);
    bench.root.write('etc/key.pub', key);
    bench.root.useRepository(bench.server.url, more);
    const update = await runPkg(bench.root, ['update']);
    expect(update.stderr).toContain(message);
    expect(update.stdout).toContain('lab repository is up to date.');
    expect(update.status).toBe(0);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("Repository lab cannot be opened. 'pkg update' required");
    expect(await installed(bench.root)).toEqual([]);
  });

  it('fails by the same catalogue where it is all that there is', async () => {
    bench = await makeBench([plain('tiny')]);
    for (const name of ['packagesite.pkg', 'packagesite.tzst']) bench.server.missing.add(name);
    bench.root.useRepository(bench.server.url, byFingerprints);
    const update = await runPkg(bench.root, ['update']);
    expect(update.stderr).toContain('No signature found');
    expect(update.status).toBe(1);
    expect((await runPkg(bench.root, ['install', '-y', '--', 'tiny'])).status).toBe(3);
  });

  it('takes the older form of a catalogue where the newer is missing', async () => {
    bench = await makeBench([plain('tiny')]);
    bench.server.missing.add('data.pkg');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(0);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });

  it('is gone after a server that answers with nothing but errors', async () => {
    bench = await makeBench([plain('tiny')]);
    expect((await runPkg(bench.root, ['update'])).status).toBe(0);
    for (const name of ['meta.conf', 'data', 'packagesite'])
      for (const suffix of ['', '.pkg', '.tzst']) bench.server.missing.add(name + suffix);
    expect((await runPkg(bench.root, ['update', '-f'])).status).toBe(1);
    const run = await runPkg(bench.root, ['install', '-yU', '--', 'tiny']);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("Repository lab cannot be opened. 'pkg update' required");
  });

  it('are not missed by an install, which only knows no such package then', async () => {
    bench = await makeBench([plain('tiny')]);
    bench.root.remove('etc/pkg/lab.conf');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(1);
    expect(run.stdout + run.stderr).toBe(
      "pkg: No packages available to install matching 'tiny' have been found in the repositories\n",
    );
    const upgrade = await runPkg(bench.root, ['upgrade', '-y']);
    expect([upgrade.status, upgrade.stderr]).toEqual([3, 'No active remote repositories configured.\n']);
    bench.root.useRepository(bench.server.url);
    bench.root.write('etc/pkg/lab.conf', `lab: { url: "${bench.server.url}", enabled: no }\n`);
    const disabled = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect([disabled.status, disabled.stdout]).toEqual([3, 'No repositories are enabled.\n']);
  });

  it('aborts where the public key is missing', async () => {
    bench = await makeBench([plain('tiny')]);
    bench.root.useRepository(bench.server.url, ', signature_type: pubkey, pubkey: "/etc/nokey.pub"');
    const run = await runPkg(bench.root, ['update']);
    expect(run.signal === 'SIGABRT' || run.status === 134).toBe(true);
  });

  it('upgrades a package named pkg first, and then does what was asked', async () => {
    bench = await makeBench([plain('pkg')]);
    await runPkg(bench.root, ['install', '-y', '--', 'pkg']);
    await bench.publish([plain('pkg', '2.0'), plain('tiny')]);
    const planned = await runPkg(bench.root, ['install', '-n', 'tiny']);
    expect(planned.stdout).not.toContain('pkg: 1.0 -> 2.0');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.stdout).toContain('New version of pkg detected; it needs to be installed first.');
    expect(run.status).toBe(0);
    expect(await installed(bench.root)).toEqual(['pkg 2.0', 'tiny 1.0']);
  });
});
