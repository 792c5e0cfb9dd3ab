import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, makeBench, plain } from './bench.ts';
import { installed, runPkg } from './run-pkg.ts';

const ABI = ['-o', 'ABI=FreeBSD:14:amd64', '-o', 'OSVERSION=1401000'];
let bench: Bench;

beforeEach(async () => {
  bench = await makeBench([plain('tiny'), plain('hello', '1.0', { deps: ['tiny'] })]);
});

afterEach(async () => {
  await bench.end();
});

describe('the command line', () => {
  it.each([
    ['-c and -r together', ['-r', '/', 'info'], 1],
    ['an option before the verb that is no global one', ['-y', 'install', 'tiny'], 1],
    ['a global option after the verb', ['info', '-q', '-c', '/'], 1],
    ['no verb', [], 1],
    ['an unknown verb', ['frobnicate'], 1],
    ['an option without a value', ['-o', 'ABI', 'info'], 0],
    ['an unknown system in the ABI', ['-o', 'ABI=bogus', 'info'], 1],
    ['a configuration file that is not there', ['-C', '/nowhere', 'info'], 0],
    ['no database', ['-N'], 1],
    ['an unknown configuration key', ['config', 'nosuch'], 1],
  ] satisfies [string, string[], number][])('%s', async (_, args, status) => {
    const run = await runPkg(bench.root, args, { global: args.includes('ABI=bogus') ? [] : ABI });
    expect(run.status).toBe(status);
  });

  it('has a default for every key and takes any case', async () => {
    const run = await runPkg(bench.root, ['config', 'pkg_dbdir'], { global: ABI });
    expect(run.stdout).toBe('/var/db/pkg\n');
  });

  it.each([
    ['is no program', 'no program\n', 'Unable to determine ABI, /bin/sh cannot be parsed.'],
    ['is missing', undefined, 'Unable to determine the ABI, none of the ABI_FILEs can be read.'],
  ])('does not know the ABI where the shell %s', async (_, shell, message) => {
    if (shell === undefined) bench.root.remove('bin/sh');
    else bench.root.write('bin/sh', shell);
    const run = await runPkg(bench.root, ['info'], { global: [] });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(message);
  });

  it('loads plugins that the jail names, unless told not to', async () => {
    bench.root.write('usr/local/etc/pkg.conf', 'PLUGINS [ evil ];\n');
    const refused = await runPkg(bench.root, ['info'], { global: ABI });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('Plugins cannot be loaded');
    const told = await runPkg(bench.root, ['info'], { global: [...ABI, '-o', 'PKG_ENABLE_PLUGINS=no'] });
    expect(told.status).toBe(0);
  });

  it('forgets the aliases of the jail when ALIAS is empty', async () => {
    bench.root.write('usr/local/etc/pkg.conf', 'ALIAS { install: "install -n"; }\n');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny'], {
      global: [...ABI, '-o', 'ALIAS='],
    });
    expect(run.status).toBe(0);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });

  it('does nothing without -y, and takes ASSUME_ALWAYS_YES for it', async () => {
    expect((await runPkg(bench.root, ['install', '--', 'tiny'])).status).toBe(1);
    expect(await installed(bench.root)).toEqual([]);
    const yes = [...ABI, '-o', 'ASSUME_ALWAYS_YES=yes'];
    expect((await runPkg(bench.root, ['install', '-n', '--', 'tiny'], { global: yes })).status).toBe(0);
    expect((await runPkg(bench.root, ['install', '--', 'tiny'], { global: yes })).status).toBe(0);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });
});

describe('dry runs', () => {
  it('have the statuses that were measured', async () => {
    const { root } = bench;
    const status = async (...args: string[]) => (await runPkg(root, args)).status;
    expect(await status('install', '-n', 'tiny')).toBe(1);
    expect(await status('install', '-ny', 'tiny')).toBe(0);
    expect(await status('install', '-n', 'nosuch')).toBe(1);
    expect(await status('install', '-y', 'hello')).toBe(0);
    expect(await status('install', '-n', 'hello')).toBe(0);
    expect(await status('upgrade', '-n')).toBe(0);
    expect(await status('delete', '-n', 'tiny')).toBe(0);
    expect(await status('delete', '-n', 'nosuch')).toBe(1);
    expect(await status('autoremove', '-n')).toBe(0);
    const silent = await runPkg(root, ['delete', '-nq', 'tiny']);
    expect(silent.stdout).toBe('');
    expect(await status('delete', '-y', 'hello')).toBe(0);
    expect(await status('autoremove', '-n')).toBe(1);
    const list = await runPkg(root, ['autoremove', '-nq']);
    expect([list.status, list.stdout]).toEqual([0, 'tiny-1.0\n']);
    expect(await installed(root)).toEqual(['tiny 1.0']);
  });

  it('tell an upgrade and what it takes in the known form', async () => {
    await runPkg(bench.root, ['install', '-y', 'hello']);
    await bench.publish([plain('tiny', '2.0'), plain('hello', '0.9', { deps: ['tiny'] })]);
    const run = await runPkg(bench.root, ['upgrade', '-nq'], { global: [...ABI, '-o', 'WARN_SIZE_LIMIT=0'] });
    expect(run.stdout).toMatch(
      /^The following 1 package\(s\) will be affected \(of \d+ checked\):\n\nInstalled packages to be UPGRADED:\n\ttiny: 1\.0 -> 2\.0\n\nNumber of packages to be upgraded: 1\n\n\d+ B to be downloaded\.\n$/,
    );
  });
});

describe('queries', () => {
  it('refuse two families at once and name what is missing by status', async () => {
    await runPkg(bench.root, ['install', '-y', 'hello']);
    const both = await runPkg(bench.root, ['query', '%Fp %dn', 'hello']);
    expect(both.status).toBe(1);
    expect(both.stderr).toContain('cannot be queried at the same time');
    expect((await runPkg(bench.root, ['query', '%n', 'nosuch'])).status).toBe(1);
    expect((await runPkg(bench.root, ['query', '-e', '%n = nosuch', '%n'])).status).toBe(0);
    const asked = await runPkg(bench.root, ['query', '-e', '%a = 0', '%n']);
    expect(asked.stdout).toBe('hello\n');
    const needed = await runPkg(bench.root, ['query', '-e', '%#r > 0', '%n %rn']);
    expect(needed.stdout).toBe('tiny hello\n');
    expect((await runPkg(bench.root, ['which', '-q', '/usr/local/share/tiny/x'])).stdout).toBe('tiny-1.0\n');
    expect((await runPkg(bench.root, ['info', '-e', 'nosuch'])).status).toBe(1);
  });

  it('have a line for what has no member of the family, if that says anything else', async () => {
    await runPkg(bench.root, ['install', '-y', 'hello']);
    const said = async (format: string) => (await runPkg(bench.root, ['query', '-a', format])).stdout;
    expect(await said('%n [%dn]')).toBe('hello [tiny]\ntiny []\n');
    expect(await said('[%dn]')).toBe('[tiny]\n');
    expect(await said('%n [%rn %rv]')).toBe('hello [ ]\ntiny [hello 1.0]\n');
    expect(await said('%n [%B]')).toBe('hello []\ntiny []\n');
  });

  it('check -d ends with 0 whatever it finds', async () => {
    await runPkg(bench.root, ['install', '-y', 'hello']);
    await runPkg(bench.root, ['delete', '-yf', 'tiny']);
    const run = await runPkg(bench.root, ['check', '-dnq', '-a']);
    expect([run.status, run.stdout]).toEqual([0, 'hello\ttiny\n']);
  });

  it('check -d and -s together look at what is named, for both', async () => {
    const file = '/usr/local/share/big/x';
    const big = plain('big', '1.0', { deps: ['tiny'], files: { [file]: 'x' } });
    await bench.end();
    bench = await makeBench([plain('tiny'), plain('other'), big]);
    await runPkg(bench.root, ['install', '-y', 'big', 'other']);
    await runPkg(bench.root, ['delete', '-yf', 'tiny']);
    const sound = await runPkg(bench.root, ['check', '-dsnq', '--', 'other']);
    expect([sound.status, sound.stdout, sound.stderr]).toEqual([0, '', '']);
    writeFileSync(bench.root.path(file), 'changed');
    const both = await runPkg(bench.root, ['check', '-dsnq', '--', 'other', 'big']);
    expect([both.status, both.stdout, both.stderr]).toEqual([
      1,
      'big\ttiny\n',
      `big-1.0: checksum mismatch for ${file}\n`,
    ]);
  });
});
