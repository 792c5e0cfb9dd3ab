import type { FileEntry, LocalPackage, Manifest } from './manifest.ts';
import { shortSize } from './text.ts';

/** A package with what only a format may ask for. */
export interface Described {
  pkg: Manifest & Partial<Pick<LocalPackage, 'automatic' | 'locked' | 'time'>> & { pkgsize?: number };
  repository: string;
  files: () => FileEntry[];
  dependants: () => { name: string; version: string; origin: string }[];
}

/** A format that pkg refuses. */
export class FormatError extends Error {}

type Fields = Record<string, string>;

const FAMILIES: Record<string, (described: Described) => Fields[]> = {
  d: ({ pkg }) => pkg.deps.map((dep) => ({ n: dep.name, o: dep.origin, v: dep.version })),
  r: ({ dependants }) => dependants().map((dep) => ({ n: dep.name, o: dep.origin, v: dep.version })),
  F: ({ files }) =>
    files().map((file) => ({
      p: file.path,
      s: file.sum,
      u: file.uname,
      g: file.gname,
      m: file.perm.toString(8),
      f: '0',
      t: String(file.mtime),
      l: file.symlinkTarget ?? '',
    })),
  O: ({ pkg }) => Object.entries(pkg.options).map(([k, v]) => ({ k, v, d: '', D: '' })),
  A: ({ pkg }) => Object.entries(pkg.annotations).map(([t, v]) => ({ t, v })),
  S: ({ pkg }) => Object.entries(pkg.scripts).map(([n, c]) => ({ n, c })),
};

const LISTS: Record<string, (pkg: Manifest) => string[]> = {
  B: (pkg) => pkg.shlibsRequired,
  b: (pkg) => pkg.shlibsProvided,
  C: (pkg) => pkg.categories,
  D: (pkg) => pkg.directories.map((directory) => directory.path),
  L: (pkg) => pkg.licenses,
  U: (pkg) => pkg.users,
  G: (pkg) => pkg.groups,
  Y: (pkg) => pkg.requires,
  y: (pkg) => pkg.provides,
};

const SINGLE: Record<string, (described: Described) => string> = {
  n: ({ pkg }) => pkg.name,
  v: ({ pkg }) => pkg.version,
  o: ({ pkg }) => pkg.origin,
  p: ({ pkg }) => pkg.prefix,
  m: ({ pkg }) => pkg.maintainer,
  c: ({ pkg }) => pkg.comment,
  e: ({ pkg }) => pkg.desc,
  w: ({ pkg }) => pkg.www,
  l: ({ pkg }) => (pkg.licenses.length > 1 ? pkg.licenseLogic || 'single' : 'single'),
  a: ({ pkg }) => (pkg.automatic === true ? '1' : '0'),
  k: ({ pkg }) => (pkg.locked === true ? '1' : '0'),
  q: ({ pkg }) => pkg.abi,
  Q: ({ pkg }) => pkg.arch,
  t: ({ pkg }) => String(pkg.time ?? 0),
  V: ({ pkg }) => (pkg.vital ? '1' : '0'),
  R: ({ repository }) => repository,
  M: ({ pkg }) => pkg.messages.map((message) => message.message).join('\n'),
};

/** Prints a package in a format: one line, or one for each of a family's members. */
export function formatPackage(format: string, described: Described): string[] {
  const tokens = parse(format);
  const family = tokens.find((token) => token.kind === 'family' || token.kind === 'list');
  const rows: (Fields | string)[] =
    family === undefined
      ? ['']
      : family.kind === 'list'
        ? (LISTS[family.key]?.(described.pkg) ?? [])
        : (FAMILIES[family.key]?.(described) ?? []);
  // A package without any member of the family still has its line, if that says anything else of the package.
  if (rows.length === 0 && tokens.some((token) => token.kind === 'single' || token.kind === 'size')) {
    rows.push('');
  }
  return rows.map((row) => tokens.map((token) => print(token, described, row)).join(''));
}

interface Token {
  kind: 'text' | 'single' | 'family' | 'list' | 'count' | 'any' | 'size';
  key: string;
  field: string;
}

function parse(format: string): Token[] {
  const tokens: Token[] = [];
  let lines: string | undefined;
  for (let at = 0; at < format.length; at += 1) {
    const letter = format[at] ?? '';
    if (letter === '\\') {
      at += 1;
      const next = format[at] ?? '';
      const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07' };
      tokens.push({ kind: 'text', key: escapes[next] ?? next, field: '' });
      continue;
    }
    if (letter !== '%') {
      tokens.push({ kind: 'text', key: letter, field: '' });
      continue;
    }
    at += 1;
    const key = format[at] ?? '';
    if (key === '%') tokens.push({ kind: 'text', key: '%', field: '' });
    else if (key === 's') {
      at += 1;
      const field = format[at] ?? '';
      if (field !== 'b' && field !== 'h') throw new FormatError('Invalid query');
      tokens.push({ kind: 'size', key, field });
    } else if (key === '#' || key === '?') {
      at += 1;
      const field = format[at] ?? '';
      if (LISTS[field] === undefined && FAMILIES[field] === undefined) throw new FormatError('Invalid query');
      tokens.push({ kind: key === '#' ? 'count' : 'any', key: field, field: '' });
    } else if (FAMILIES[key] !== undefined) {
      at += 1;
      lines = oneFamily(lines, key);
      tokens.push({ kind: 'family', key, field: format[at] ?? '' });
    } else if (LISTS[key] !== undefined) {
      lines = oneFamily(lines, key);
      tokens.push({ kind: 'list', key, field: '' });
    } else if (SINGLE[key] !== undefined) tokens.push({ kind: 'single', key, field: '' });
    else throw new FormatError('Invalid query: unknown format key');
  }
  return tokens;
}

function oneFamily(before: string | undefined, now: string): string {
  if (before !== undefined && before !== now) {
    throw new FormatError(`Invalid query: '%${before}' and '%${now}' cannot be queried at the same time`);
  }
  return now;
}

function print(token: Token, described: Described, row: Fields | string): string {
  const { pkg } = described;
  if (token.kind === 'text') return token.key;
  if (token.kind === 'single') return SINGLE[token.key]?.(described) ?? '';
  if (token.kind === 'size') return token.field === 'b' ? String(pkg.flatsize) : shortSize(pkg.flatsize);
  if (token.kind === 'list') return typeof row === 'string' ? row : '';
  if (token.kind === 'family') {
    if (typeof row === 'string') return '';
    const value = row[token.field];
    if (value === undefined) throw new FormatError('Invalid query');
    return value;
  }
  const count = (LISTS[token.key]?.(pkg) ?? FAMILIES[token.key]?.(described) ?? []).length;
  return token.kind === 'count' ? String(count) : count > 0 ? '1' : '0';
}
