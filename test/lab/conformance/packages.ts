import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake2Sum, linkContent } from '../pkg/sums.ts';

/** A package to be made for a test. */
export interface TestPackage {
  name: string;
  version: string;
  files: Record<string, string | Buffer>;
  /** Symbolic links: path and target. */
  links?: Record<string, string>;
  config?: string[];
  /** Directories that it registers for themselves. */
  directories?: string[];
  deps?: string[];
  scripts?: Record<string, string>;
  luaScripts?: Record<string, string[]>;
  /** What it tells whoever installs it. */
  messages?: { message: string; type?: 'install' | 'upgrade' | 'remove' }[];
  /** The shared libraries that it says to have, and to need. */
  libraries?: { provided?: string[]; required?: string[] };
  vital?: boolean;
  /** Where its port lies, the categories that it is in, and which package of the port it is. */
  port?: { origin: string; categories: string[]; flavor: string };
  abi?: string;
  /** A sum that is not the archive's. */
  wrongSum?: boolean;
}

/** Makes a repository of packages in a new directory. */
export function makeRepository(packages: readonly TestPackage[]): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'pkg-repository-'));
  mkdirSync(join(directory, 'All'));
  const entries = packages.map((pkg) => {
    const manifest = manifestOf(pkg);
    const { files: _files, config: _config, directories: _directories, ...others } = manifest;
    const { scripts: _scripts, lua_scripts: _lua, ...compact } = others;
    const archive = compress(
      tar([
        ['+COMPACT_MANIFEST', JSON.stringify(compact)],
        ['+MANIFEST', JSON.stringify(manifest)],
        ...Object.entries(pkg.files),
        ...Object.entries(pkg.links ?? {}).map(([path, target]) => [path, '', target] as const),
        ...(pkg.directories ?? []).map((path) => [`${path}/`, ''] as const),
      ]),
    );
    const path = `All/${pkg.name}-${pkg.version}.pkg`;
    writeFileSync(join(directory, path), archive);
    const sum = blake2Sum(pkg.wrongSum === true ? 'other' : archive);
    return { ...compact, sum, path, repopath: path, pkgsize: archive.length };
  });
  // The older form of the catalogue is never newer than the other, as pkg asks for it by that.
  const site = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeFileSync(join(directory, 'packagesite.pkg'), compress(tar([['packagesite.yaml', site]])));
  const data = JSON.stringify({ groups: [], expired_packages: [], packages: entries });
  writeFileSync(join(directory, 'data.pkg'), compress(tar([['data', data]])));
  const meta = readFileSync('test/fixtures/pkg/repo-1.0/meta.conf');
  writeFileSync(join(directory, 'meta.conf'), meta);
  return { directory, remove: () => rmSync(directory, { recursive: true }) };
}

function manifestOf(pkg: TestPackage) {
  return {
    name: pkg.name,
    origin: pkg.port?.origin ?? `test/${pkg.name}`,
    version: pkg.version,
    comment: pkg.name,
    maintainer: 't@example.org',
    www: 'https://example.org/',
    abi: pkg.abi ?? 'FreeBSD:14:amd64',
    arch: 'freebsd:14:x86:64',
    prefix: '/usr/local',
    flatsize: Object.values(pkg.files).reduce((sum, content) => sum + content.length, 0),
    desc: pkg.name,
    categories: pkg.port?.categories ?? ['test'],
    ...(pkg.port === undefined ? {} : { annotations: { flavor: pkg.port.flavor } }),
    ...(pkg.vital === true ? { vital: true } : {}),
    shlibs_provided: pkg.libraries?.provided ?? [],
    shlibs_required: pkg.libraries?.required ?? [],
    deps: Object.fromEntries(
      (pkg.deps ?? []).map((name) => [name, { origin: `test/${name}`, version: '1.0' }]),
    ),
    files: Object.fromEntries([
      ...Object.entries(pkg.files).map(([path, content]) => [
        path,
        { sum: blake2Sum(content), uname: 'root', gname: 'wheel', perm: '0644', mtime: 1795506903 },
      ]),
      ...Object.entries(pkg.links ?? {}).map(([path, target]) => [
        path,
        {
          sum: blake2Sum(linkContent(target)),
          uname: 'root',
          gname: 'wheel',
          perm: '0755',
          mtime: 1795506903,
          symlink_target: target,
        },
      ]),
    ]),
    config: pkg.config ?? [],
    directories: Object.fromEntries(
      (pkg.directories ?? []).map((path) => [path, { uname: 'root', gname: 'wheel', perm: '0755' }]),
    ),
    scripts: pkg.scripts ?? {},
    lua_scripts: pkg.luaScripts ?? {},
    ...(pkg.messages === undefined ? {} : { messages: pkg.messages }),
  };
}

function compress(archive: Buffer): Buffer {
  const run = spawnSync('zstd', ['-qc'], { input: archive, maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error('zstd failed');
  return run.stdout;
}

function tar(members: readonly (readonly [string, string | Buffer, string?])[]): Buffer {
  const blocks: Buffer[] = [];
  for (const [path, content, target] of members) {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(`${(1795506903).toString(8).padStart(11, '0')}\0`, 136);
    header.write('        ', 148);
    const kind = path.endsWith('/') ? '5' : '0';
    header.write(target === undefined ? kind : '2', 156);
    header.write(target ?? '', 157, 100);
    header.write('ustar\x0000', 257);
    header.write('root', 265);
    header.write('wheel', 297);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
