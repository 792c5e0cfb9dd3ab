import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cwd } from 'node:process';
import { describe, expect, it } from 'vitest';
import { carryFetched } from '../../src/pkg/fetched.ts';
import { temporaryDirectory } from '../host/temporary.ts';

const unsafe = expect.objectContaining({ code: 'root-unsafe', outcome: 'refused' });

function put(root: string, path: string, content = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Everything below a directory: files with their content, links with their target. */
function tree(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length + 1);
    if (entry.isSymbolicLink()) found[name] = `-> ${readlinkSync(path)}`;
    else if (entry.isFile()) found[name] = readFileSync(path, 'utf8');
  }
  return found;
}

/** The root in which pkg has downloaded. */
function fetched(): string {
  const root = temporaryDirectory();
  put(root, 'var/cache/pkg/nginx-1.28~abc.pkg', 'nginx');
  symlinkSync('nginx-1.28~abc.pkg', join(root, 'var/cache/pkg/nginx-1.28.pkg'));
  put(root, 'var/db/pkg/repos/FreeBSD/db', 'catalogue');
  put(root, 'var/db/pkg/local.sqlite', 'the list of packages');
  put(root, 'etc/passwd');
  return root;
}

describe('what pkg has downloaded', () => {
  it('is carried whatever else lies there under a name that is no text', () => {
    const [from, to] = [fetched(), temporaryDirectory()];
    const odd = (name: string): Buffer => Buffer.from(join(from, 'var/cache/pkg', name), 'latin1');
    writeFileSync(odd('\xe9'), '');
    symlinkSync('nothing', odd('\xe8'));
    mkdirSync(odd('\xea'));
    carryFetched(from, to);
    expect(Object.keys(tree(to))).toHaveLength(3);
  });

  it('is carried into a root that has nothing of it, and nothing else is', () => {
    const to = temporaryDirectory();
    const before = cwd();
    carryFetched(fetched(), to);
    expect(tree(to)).toEqual({
      'var/cache/pkg/nginx-1.28~abc.pkg': 'nginx',
      'var/cache/pkg/nginx-1.28.pkg': '-> nginx-1.28~abc.pkg',
      'var/db/pkg/repos/FreeBSD/db': 'catalogue',
    });
    expect(cwd()).toBe(before);
  });

  it('takes the place of what is there, and leaves the rest', () => {
    const to = temporaryDirectory();
    put(to, 'var/cache/pkg/nginx-1.28~abc.pkg', 'broken');
    put(to, 'var/cache/pkg/nginx-1.28.pkg', 'broken');
    put(to, 'var/cache/pkg/other.pkg', 'other');
    put(to, 'var/db/pkg/local.sqlite', 'mine');
    const from = fetched();
    carryFetched(from, to);
    const once = tree(to);
    expect(once).toEqual({
      'var/cache/pkg/nginx-1.28~abc.pkg': 'nginx',
      'var/cache/pkg/nginx-1.28.pkg': '-> nginx-1.28~abc.pkg',
      'var/cache/pkg/other.pkg': 'other',
      'var/db/pkg/local.sqlite': 'mine',
      'var/db/pkg/repos/FreeBSD/db': 'catalogue',
    });
    carryFetched(from, to);
    expect(tree(to)).toEqual(once);
  });

  const [packed, named] = ['var/cache/pkg/nginx-1.28~abc.pkg', 'var/cache/pkg/nginx-1.28.pkg'];
  const numbers = (root: string): number[] => [packed, named].map((path) => lstatSync(join(root, path)).ino);

  it('stays where it is the same file with the same last change, as a clone has it', () => {
    const [from, to] = [fetched(), temporaryDirectory()];
    mkdirSync(join(to, 'var/cache/pkg'), { recursive: true });
    for (const path of [packed, named]) linkSync(join(from, path), join(to, path));
    carryFetched(from, to);
    expect(numbers(to)).toEqual(numbers(from));
  });

  it('takes the place of another file of its size and time, which a jail can give it', () => {
    const [from, to] = [fetched(), temporaryDirectory()];
    put(to, packed, 'XXXXX');
    for (const root of [from, to]) utimesSync(join(root, packed), 1_700_000_000, 1_700_000_000);
    carryFetched(from, to);
    expect(tree(to)[packed]).toBe('nginx');
  });

  it('takes the place of what was begun and not ended', () => {
    const [from, to] = [fetched(), temporaryDirectory()];
    put(to, 'var/cache/pkg/.jtx-fetched', 'half');
    carryFetched(from, to);
    expect(Object.keys(tree(to)).sort()).toEqual([named, packed, 'var/db/pkg/repos/FreeBSD/db']);
  });

  it('is nothing where pkg has downloaded nothing', () => {
    const [from, to] = [temporaryDirectory(), temporaryDirectory()];
    carryFetched(from, to);
    put(from, 'var/cache/pkg', 'a file');
    put(from, 'var/db/pkg/repos', 'a file');
    carryFetched(from, to);
    expect(readdirSync(to)).toEqual([]);
  });

  it.each(['/etc/passwd', '../../etc/passwd', 'sub/x', './x', '/'])('has no link to %s', (target) => {
    const [from, to] = [fetched(), temporaryDirectory()];
    symlinkSync(target, join(from, 'var/cache/pkg/link.pkg'));
    symlinkSync(target, join(from, 'var/db/pkg/repos/link'));
    carryFetched(from, to);
    expect(Object.keys(tree(to)).filter((name) => name.includes('link'))).toEqual([]);
  });
});

describe('a jail that leads out of its root', () => {
  const ways = [
    'var',
    'var/cache',
    'var/cache/pkg',
    'var/db',
    'var/db/pkg',
    'var/db/pkg/repos',
    'var/db/pkg/repos/FreeBSD',
  ];

  /** A root with a link at a path, and where it leads: a place as it would be inside. */
  function hostile(path: string): { to: string; outside: string } {
    const [to, outside] = [temporaryDirectory(), temporaryDirectory()];
    for (const way of [...ways, 'var/cache/pkg']) mkdirSync(join(to, way), { recursive: true });
    renameSync(join(to, path), join(outside, 'place'));
    symlinkSync(join(outside, 'place'), join(to, path));
    put(outside, 'secret');
    return { to, outside };
  }

  it.each(ways)('by %s is refused, and nothing is written outside', (path) => {
    const { to, outside } = hostile(path);
    const [before, at] = [tree(outside), cwd()];
    expect(() => carryFetched(fetched(), to)).toThrow(unsafe);
    expect(tree(outside)).toEqual(before);
    expect(cwd()).toBe(at);
  });

  it.each(ways)('by a link inside at %s is refused no less', (path) => {
    const to = temporaryDirectory();
    mkdirSync(join(to, dirname(path), 'elsewhere'), { recursive: true });
    symlinkSync('elsewhere', join(to, path));
    expect(() => carryFetched(fetched(), to)).toThrow(unsafe);
    expect(readdirSync(join(to, dirname(path), 'elsewhere'))).toEqual([]);
  });

  it.each(ways)('with a file at %s is refused', (path) => {
    const to = temporaryDirectory();
    put(to, path, 'a file');
    expect(() => carryFetched(fetched(), to)).toThrow(unsafe);
    expect(readFileSync(join(to, path), 'utf8')).toBe('a file');
  });

  it.each([
    ['a file', 'var/cache/pkg/nginx-1.28~abc.pkg', 'nginx'],
    ['a link', 'var/cache/pkg/nginx-1.28.pkg', '-> nginx-1.28~abc.pkg'],
    ['a catalogue', 'var/db/pkg/repos/FreeBSD/db', 'catalogue'],
  ])('by a link in the place of %s is replaced, and what it leads to stays', (_what, path, content) => {
    const [to, outside] = [temporaryDirectory(), temporaryDirectory()];
    put(outside, 'target', 'secret');
    mkdirSync(dirname(join(to, path)), { recursive: true });
    symlinkSync(join(outside, 'target'), join(to, path));
    carryFetched(fetched(), to);
    expect(tree(to)[path]).toBe(content);
    expect(tree(outside)).toEqual({ target: 'secret' });
  });

  it('by a link to nowhere has nothing made there', () => {
    const [to, outside] = [temporaryDirectory(), temporaryDirectory()];
    mkdirSync(join(to, 'var/cache/pkg'), { recursive: true });
    symlinkSync(join(outside, 'new'), join(to, 'var/cache/pkg/nginx-1.28~abc.pkg'));
    carryFetched(fetched(), to);
    expect(existsSync(join(outside, 'new'))).toBe(false);
    expect(lstatSync(join(to, 'var/cache/pkg/nginx-1.28~abc.pkg')).isFile()).toBe(true);
  });

  it.each(['nginx-1.28~abc.pkg', '.jtx-fetched'])(
    'with a directory in the place of a file, %s, is refused, and keeps it',
    (name) => {
      const to = temporaryDirectory();
      put(to, `var/cache/pkg/${name}/mine`);
      expect(() => carryFetched(fetched(), to)).toThrow(unsafe);
      expect(tree(to)[`var/cache/pkg/${name}/mine`]).toBeDefined();
    },
  );

  it.each(['out of it', 'inside'])(
    'by a link, %s, in the place of what is not whole yet is not followed',
    (where) => {
      const [to, outside] = [temporaryDirectory(), temporaryDirectory()];
      put(outside, 'target', 'secret');
      put(to, 'var/cache/pkg/mine', 'mine');
      symlinkSync(
        where === 'inside' ? 'mine' : join(outside, 'target'),
        join(to, 'var/cache/pkg/.jtx-fetched'),
      );
      carryFetched(fetched(), to);
      expect(tree(outside)).toEqual({ target: 'secret' });
      expect(tree(to)['var/cache/pkg/mine']).toBe('mine');
    },
  );
});

describe('a clone in which a package has put a link', () => {
  it.each(['var', 'var/cache', 'var/db', 'var/db/pkg'])('at %s is not read outside of it', (path) => {
    const [from, to, outside] = [fetched(), temporaryDirectory(), temporaryDirectory()];
    renameSync(join(from, path), join(outside, 'place'));
    symlinkSync(join(outside, 'place'), join(from, path));
    expect(() => carryFetched(from, to)).toThrow(unsafe);
  });

  it.each(['var/cache/pkg', 'var/db/pkg/repos', 'var/db/pkg/repos/FreeBSD'])(
    'at %s is not read through it',
    (path) => {
      const [from, to, outside] = [fetched(), temporaryDirectory(), temporaryDirectory()];
      renameSync(join(from, path), join(outside, 'place'));
      symlinkSync(join(outside, 'place'), join(from, path));
      carryFetched(from, to);
      expect(Object.keys(tree(to)).filter((name) => name.startsWith(path))).toEqual([]);
    },
  );
});
