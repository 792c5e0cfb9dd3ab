import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, eventTypes, makeBench, plain } from './bench.ts';
import { lockRows } from './lock-rows.ts';
import { installed, runPkg } from './run-pkg.ts';

const FAILING = { 'pre-install': 'exit 1' };
let bench: Bench;

afterEach(async () => {
  await bench.end();
});

describe('names', () => {
  it('does nothing for a name that no repository knows', async () => {
    bench = await makeBench([plain('tiny')]);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'nosuch']);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("No packages available to install matching 'nosuch'");
    expect(await installed(bench.root)).toEqual([]);
  });

  it('upgrades the rest where one of the names is not installed, and ends with 0', async () => {
    bench = await makeBench([plain('tiny')]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    await bench.publish([plain('tiny', '2.0'), plain('other')]);
    const none = await runPkg(bench.root, ['upgrade', '-y', '--', 'other', 'nosuch']);
    expect(none.status).toBe(0);
    expect(none.stdout).toContain('Your packages are up to date.');
    expect(none.stderr).toContain('pkg: other is not installed, therefore upgrade is impossible\n');
    expect(none.stderr).toContain('pkg: nosuch is not installed, therefore upgrade is impossible\n');
    const run = await runPkg(bench.root, ['upgrade', '-y', '--', 'tiny', 'nosuch']);
    expect(run.status).toBe(0);
    expect(run.stderr).toBe('pkg: nosuch is not installed, therefore upgrade is impossible\n');
    expect(eventTypes(run.events)).toContain('ERROR');
    expect(await installed(bench.root)).toEqual(['tiny 2.0']);
  });

  it('deletes the rest where one of the names is not installed, and ends with 0', async () => {
    bench = await makeBench([plain('tiny')]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    const run = await runPkg(bench.root, ['delete', '-y', 'nosuch', 'tiny']);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toContain("No packages matched for pattern 'nosuch'\n\nChecking integrity...");
    expect(eventTypes(run.events)).toContain('NOTICE');
    expect(await installed(bench.root)).toEqual([]);
  });

  it('has nothing to do for what is installed, and says so', async () => {
    bench = await makeBench([plain('tiny')]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('The most recent versions of packages are already installed');
    expect(eventTypes(run.events)).not.toContain('INFO_TRIGGERS_FINISHED');
  });

  it('takes name-version only where it is the current one', async () => {
    bench = await makeBench([plain('tiny')]);
    const old = await runPkg(bench.root, ['install', '-y', '--', 'tiny-0.9']);
    expect(old.status).toBe(1);
    expect(await installed(bench.root)).toEqual([]);
    const current = await runPkg(bench.root, ['install', '-y', '--', 'tiny-1.0']);
    expect(current.status).toBe(0);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });

  it('deletes no unknown name, and not itself without force', async () => {
    bench = await makeBench([plain('pkg')]);
    await runPkg(bench.root, ['install', '-y', '--', 'pkg']);
    expect((await runPkg(bench.root, ['delete', '-y', 'nosuch'])).status).toBe(1);
    const itself = await runPkg(bench.root, ['delete', '-y', 'pkg']);
    expect(itself.status).toBe(3);
    expect(itself.stderr).toContain('Cannot delete pkg itself without force flag');
    expect(await installed(bench.root)).toEqual(['pkg 1.0']);
  });

  it('removes a vital package only by force', async () => {
    bench = await makeBench([plain('needed', '1.0', { vital: true })]);
    await runPkg(bench.root, ['install', '-y', '--', 'needed']);
    expect((await runPkg(bench.root, ['delete', '-y', 'needed'])).status).toBe(7);
    expect((await runPkg(bench.root, ['delete', '-yf', 'needed'])).status).toBe(0);
    expect(await installed(bench.root)).toEqual([]);
  });
});

describe('scripts and triggers', () => {
  it('keeps what was upgraded before a failing pre-install script', async () => {
    bench = await makeBench([plain('alpha'), plain('beta'), plain('gamma')]);
    await runPkg(bench.root, ['install', '-y', '--', 'alpha', 'beta', 'gamma']);
    await bench.publish([
      plain('alpha', '2.0'),
      plain('beta', '2.0', { scripts: FAILING }),
      plain('gamma', '2.0'),
    ]);
    const run = await runPkg(bench.root, ['upgrade', '-y']);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('PRE-INSTALL script failed');
    expect(await installed(bench.root)).toEqual(['alpha 2.0', 'beta 1.0', 'gamma 1.0']);
    expect(readFileSync(bench.root.path('usr/local/share/beta/x'), 'utf8')).toBe('beta 1.0\n');
  });

  it('leaves the lock rows behind when a script exits 3, and gets over them', async () => {
    const scripts = { 'post-install': 'exit 3' };
    bench = await makeBench([plain('quitter', '1.0', { scripts }), plain('tiny')]);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'quitter', 'tiny']);
    expect(run.status).toBe(0);
    expect(eventTypes(run.events)).not.toContain('INFO_TRIGGERS_FINISHED');
    expect(lockRows(bench.root)).toEqual({ exclusive: 1, advisory: 1, pids: 1 });
    expect(await installed(bench.root)).toEqual(['quitter 1.0']);
    expect((await runPkg(bench.root, ['install', '-y', '--', 'tiny'])).status).toBe(0);
    expect(lockRows(bench.root)).toEqual({ exclusive: 0, advisory: 0, pids: 0 });
    expect(await installed(bench.root)).toEqual(['quitter 1.0', 'tiny 1.0']);
  });

  it('goes on with 0 after a failing trigger, without the end event', async () => {
    const files = {
      '/usr/local/share/pkg/triggers/bad.ucl':
        'path: /usr/local/share/pkg/triggers\ntrigger: { type: lua, script: <<EOS\nerror("no")\nEOS\n}\n',
    };
    bench = await makeBench([plain('trigger', '1.0', { files })]);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'trigger']);
    expect(run.status).toBe(0);
    expect(eventTypes(run.events).slice(-4)).toEqual([
      'INFO_TRIGGERS_BEGIN',
      'INFO_TRIGGER',
      'ERROR',
      'ERROR',
    ]);
    expect(await installed(bench.root)).toEqual(['trigger 1.0']);
  });

  it('goes on with 0 past a trigger file that it cannot read', async () => {
    const files = { '/usr/local/share/pkg/triggers/bad.ucl': 'trigger: { type: nosuch }\n' };
    bench = await makeBench([plain('trigger', '1.0', { files })]);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'trigger']);
    expect(run.status).toBe(0);
    expect(run.stderr).not.toBe('');
    expect(eventTypes(run.events)).toContain('ERROR');
    expect(await installed(bench.root)).toEqual(['trigger 1.0']);
  });

  it('goes on with 0 past failing deinstall scripts, of which an upgrade runs only the first', async () => {
    const scripts = { 'pre-deinstall': 'exit 1', 'post-deinstall': 'exit 1' };
    bench = await makeBench([plain('clinging', '1.0', { scripts }), plain('tiny')]);
    await runPkg(bench.root, ['install', '-y', '--', 'clinging', 'tiny']);
    await bench.publish([plain('clinging', '2.0', { scripts }), plain('tiny', '2.0')]);
    const upgrade = await runPkg(bench.root, ['upgrade', '-y']);
    expect([upgrade.status, upgrade.stderr.match(/\S+ script failed/g)]).toEqual([
      0,
      ['DEINSTALL script failed'],
    ]);
    expect(eventTypes(upgrade.events)).toContain('ERROR');
    expect(await installed(bench.root)).toEqual(['clinging 2.0', 'tiny 2.0']);
    const removal = await runPkg(bench.root, ['delete', '-y', 'clinging']);
    expect([removal.status, removal.stderr.match(/\S+ script failed/g)]).toEqual([
      0,
      ['DEINSTALL script failed', 'POST-DEINSTALL script failed'],
    ]);
    expect(await installed(bench.root)).toEqual(['tiny 2.0']);
    expect(existsSync(bench.root.path('usr/local/share/clinging/x'))).toBe(false);
  });

  it('hands its whole environment to scripts, and more', async () => {
    const scripts = { 'post-install': 'echo "token=$TOKEN name=$PKG_NAME fd=$PKG_MSGFD first=$1"' };
    bench = await makeBench([plain('nosy', '1.0', { scripts })]);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'nosy'], {
      environment: { TOKEN: 'secret' },
    });
    expect(run.stdout).toContain('token=secret name=nosy fd=4 first=nosy-1.0\n');
  });

  it('runs no scripts with -I', async () => {
    bench = await makeBench([plain('quiet', '1.0', { scripts: FAILING })]);
    expect((await runPkg(bench.root, ['install', '-yI', '--', 'quiet'])).status).toBe(0);
    expect(await installed(bench.root)).toEqual(['quiet 1.0']);
  });
});

describe('files', () => {
  it('sums links up by their targets, absolute ones in a way of their own', async () => {
    const links = {
      '/usr/local/share/l/absolute': '/usr/local/share/l/x',
      '/usr/local/share/l/relative': 'x',
    };
    bench = await makeBench([plain('l', '1.0', { links })]);
    expect((await runPkg(bench.root, ['install', '-y', '--', 'l'])).status).toBe(0);
    expect((await runPkg(bench.root, ['check', '-sq', '-a'])).status).toBe(0);
    for (const name of ['absolute', 'relative']) {
      rmSync(bench.root.path(`usr/local/share/l/${name}`));
      symlinkSync('elsewhere', bench.root.path(`usr/local/share/l/${name}`));
    }
    const run = await runPkg(bench.root, ['check', '-sq', '-a']);
    expect(run.status).toBe(1);
    expect(run.stderr).toBe(
      'l-1.0: checksum mismatch for /usr/local/share/l/absolute\n' +
        'l-1.0: checksum mismatch for /usr/local/share/l/relative\n',
    );
  });

  it('keeps a file that no package owned as .pkgsave', async () => {
    bench = await makeBench([plain('tiny')]);
    bench.root.write('usr/local/share/tiny/x', 'mine\n');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(0);
    expect(readFileSync(bench.root.path('usr/local/share/tiny/x.pkgsave'), 'utf8')).toBe('mine\n');
    expect(readFileSync(bench.root.path('usr/local/share/tiny/x'), 'utf8')).toBe('tiny 1.0\n');
  });

  it('merges an edited configuration file, or puts the new one beside it', async () => {
    const path = '/usr/local/etc/c.conf';
    const conf = (content: string, version: string) =>
      plain('conf', version, { files: { [path]: content }, config: [path] });
    bench = await makeBench([conf('a\nb\nc\nd\n', '1.0')]);
    await runPkg(bench.root, ['install', '-y', '--', 'conf']);
    writeFileSync(bench.root.path('usr/local/etc/c.conf'), 'mine\nb\nc\nd\n');
    await bench.publish([conf('a\nb\nc\nnew\n', '2.0')]);
    const merged = await runPkg(bench.root, ['upgrade', '-y']);
    expect(merged.status).toBe(0);
    expect(readFileSync(bench.root.path('usr/local/etc/c.conf'), 'utf8')).toBe('mine\nb\nc\nnew\n');
    await bench.publish([conf('other\nb\nc\nnew\n', '3.0')]);
    const clash = await runPkg(bench.root, ['upgrade', '-y']);
    expect(clash.status).toBe(0);
    expect(clash.stderr).toContain('to merge configuration file');
    expect(readFileSync(bench.root.path('usr/local/etc/c.conf'), 'utf8')).toBe('mine\nb\nc\nnew\n');
    expect(readFileSync(bench.root.path('usr/local/etc/c.conf.pkgnew'), 'utf8')).toBe('other\nb\nc\nnew\n');
  });

  it('keeps the dependencies that it added before an archive that fails', async () => {
    bench = await makeBench([plain('tiny'), plain('failing', '1.0', { deps: ['tiny'], scripts: FAILING })]);
    for (const name of ['tiny', 'failing']) {
      const archive = readFileSync(join(bench.directory, `All/${name}-1.0.pkg`));
      writeFileSync(bench.root.path(`tmp/${name}-1.0.pkg`), archive);
    }
    const run = await runPkg(bench.root, ['add', '/tmp/failing-1.0.pkg']);
    expect(run.status).toBe(1);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });

  it('adds no archive that conflicts, lacks a dependency or fails', async () => {
    const file = { '/usr/local/share/tiny/x': 'other\n' };
    bench = await makeBench([
      plain('tiny'),
      plain('rival', '1.0', { files: file }),
      plain('lost', '1.0', { deps: ['nowhere'] }),
      plain('failing', '1.0', { scripts: FAILING }),
    ]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    for (const name of ['rival', 'lost', 'failing']) {
      writeFileSync(
        bench.root.path(`tmp/${name}-1.0.pkg`),
        readFileSync(join(bench.directory, `All/${name}-1.0.pkg`)),
      );
      const run = await runPkg(bench.root, ['add', `/tmp/${name}-1.0.pkg`]);
      expect(run.status, name).toBe(1);
    }
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });
});

describe('what pkg calls an error, and goes on', () => {
  const DIRECTORIES = ['/usr/local/share/tiny/deep', '/var/db/tiny'];

  it('a directory of the package that was removed already, or is a link now', async () => {
    bench = await makeBench([plain('tiny', '1.0', { directories: DIRECTORIES })]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    const inside = (path: string): string => join(bench.root.directory, path);
    expect(DIRECTORIES.every((path) => existsSync(inside(path)))).toBe(true);
    for (const path of DIRECTORIES) rmSync(inside(path), { recursive: true });
    symlinkSync('/var', inside('/var/db/tiny'));
    const run = await runPkg(bench.root, ['delete', '-y', 'tiny']);
    expect([run.status, await installed(bench.root)]).toEqual([0, []]);
    const errors = run.events.split('\n').filter((line) => line.includes('"ERROR"'));
    expect(errors).toEqual([
      '{ "type": "ERROR", "data": {"msg": "unlinkat(usr/local/share/tiny/deep/): No such file or directory","errno": 2}}',
      '{ "type": "ERROR", "data": {"msg": "unlinkat(var/db/tiny): Not a directory","errno": 20}}',
    ]);
    expect(run.stderr).toContain('pkg: unlinkat(var/db/tiny): Not a directory\n');
    // The parents of what was gone are removed all the same.
    expect(existsSync(inside('/usr/local/share/tiny'))).toBe(false);
  });

  it('nothing of that where the directories are as they were', async () => {
    bench = await makeBench([plain('tiny', '1.0', { directories: DIRECTORIES }), plain('other')]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny', 'other']);
    const run = await runPkg(bench.root, ['delete', '-y', 'tiny', 'other']);
    expect([run.status, eventTypes(run.events).includes('ERROR')]).toEqual([0, false]);
    expect(DIRECTORIES.some((path) => existsSync(join(bench.root.directory, path)))).toBe(false);
  });

  it('a database of a newer minor schema, each time that it is opened to be written', async () => {
    bench = await makeBench([plain('tiny'), plain('other')]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    const database = join(bench.root.directory, 'var/db/pkg/local.sqlite');
    const schema = (version: number): void => {
      const content = readFileSync(database);
      content.writeUInt32BE(version, 60);
      writeFileSync(database, content);
    };
    const known = readFileSync(database).readUInt32BE(60);
    schema(known + 1);
    const warning = `warning: database version ${known + 1} is newer than libpkg(3) version ${known}, but still compatible`;
    const run = await runPkg(bench.root, ['install', '-y', '--', 'other']);
    expect([run.status, await installed(bench.root)]).toEqual([0, ['other 1.0', 'tiny 1.0']]);
    expect(run.events).toContain(`{ "type": "ERROR", "data": {"msg": "${warning}"}}`);
    expect(run.stderr).toContain(`pkg: ${warning}\n`);
    expect((await runPkg(bench.root, ['query', '%n'])).stderr).not.toContain('warning');
    schema(1000);
    const refused = await runPkg(bench.root, ['install', '-y', '--', 'other']);
    expect([refused.status, refused.stderr.includes('incompatible with libpkg(3)')]).toEqual([1, true]);
  });
});
