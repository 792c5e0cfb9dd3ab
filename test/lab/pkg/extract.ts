import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { posix } from 'node:path';
import type { Accounts } from './accounts.ts';
import type { Manifest } from './manifest.ts';
import type { Root } from './root.ts';
import type { TarEntry } from './tar.ts';
import { errorCode } from './write.ts';

/** A file or a new directory tree under a temporary name, to be renamed when all is there. */
export interface Staged {
  temporary: string;
  final: string;
}

interface Listed {
  uname: string;
  gname: string;
  perm: number;
}

/** Where a package's content lies until it is put in place. */
export class Stage {
  /** New directory trees, staged whole. */
  readonly trees: Staged[] = [];
  /** Files in directories that existed. */
  readonly files: Staged[] = [];
  readonly #root: Root;
  readonly #accounts: Accounts;
  readonly #manifest: Manifest;
  readonly #present = new Set<string>();
  readonly #places = new Map<string, string>();
  readonly #listed: Map<string, Listed>;

  constructor(root: Root, accounts: Accounts, manifest: Manifest) {
    this.#root = root;
    this.#accounts = accounts;
    this.#manifest = manifest;
    this.#listed = new Map<string, Listed>();
    for (const entry of [...manifest.directories, ...manifest.files]) this.#listed.set(entry.path, entry);
  }

  /** Writes one member of the archive under its temporary name. */
  add(entry: TarEntry): void {
    const path = posix.resolve('/', entry.path);
    if (entry.type === 'directory') {
      this.#addDirectory(path, entry);
      return;
    }
    const place = this.#placeOf(path);
    const listed = this.#listed.get(path);
    const uid = this.#accounts.user(listed?.uname ?? entry.uname);
    const gid = this.#accounts.group(listed?.gname ?? entry.gname);
    if (entry.type === 'symlink') {
      symlinkSync(entry.linkTarget, place);
      lchownSync(place, uid, gid);
      lutimesSync(place, entry.mtime, entry.mtime);
      return;
    }
    if (entry.type === 'hardlink') {
      const target = posix.resolve('/', entry.linkTarget);
      linkSync(this.#places.get(target) ?? this.#root.path(target), place);
      return;
    }
    const mode = listed !== undefined && listed.perm !== 0 ? listed.perm : entry.mode;
    const descriptor = openSync(place, 'wx', 0o600);
    try {
      for (let at = 0; at < entry.content.length; ) {
        at += writeSync(descriptor, entry.content, at, entry.content.length - at);
      }
      fchownSync(descriptor, uid, gid);
      fchmodSync(descriptor, mode & 0o7777);
      futimesSync(descriptor, entry.mtime, entry.mtime);
    } finally {
      closeSync(descriptor);
    }
  }

  #addDirectory(path: string, entry: TarEntry): void {
    if (this.#exists(path)) return;
    const place = this.#placeOf(path);
    mkdirSync(place, { recursive: true });
    const listed = this.#listed.get(path);
    chmodSync(place, listed?.perm ?? entry.mode & 0o7777);
    chownSync(
      place,
      this.#accounts.user(listed?.uname ?? entry.uname),
      this.#accounts.group(listed?.gname ?? entry.gname),
    );
  }

  /** The temporary place of a path; makes the directories above it. */
  #placeOf(path: string): string {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const parent = posix.dirname(path);
    let place: string;
    if (this.#exists(parent)) {
      const final = this.#root.path(path);
      const temporary = posix.join(posix.dirname(final), temporaryName(posix.basename(final)));
      const isTree = this.#isDirectory(path);
      (isTree ? this.trees : this.files).push({ temporary, final });
      place = temporary;
    } else {
      const above = this.#directoryPlace(parent);
      place = posix.join(above, posix.basename(path));
    }
    this.#places.set(path, place);
    return place;
  }

  #directoryPlace(path: string): string {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const parent = posix.dirname(path);
    let place: string;
    if (this.#exists(parent)) {
      const final = this.#root.path(path);
      place = posix.join(posix.dirname(final), temporaryName(posix.basename(final)));
      this.trees.push({ temporary: place, final });
    } else place = posix.join(this.#directoryPlace(parent), posix.basename(path));
    mkdirSync(place, { recursive: true, mode: 0o755 });
    this.#places.set(path, place);
    return place;
  }

  #isDirectory(path: string): boolean {
    return this.#manifest.directories.some((directory) => directory.path === path);
  }

  #exists(path: string): boolean {
    if (this.#present.has(path)) return true;
    const exists = existsSync(this.#root.followed(path));
    if (exists) this.#present.add(path);
    return exists;
  }
}

/** Whether a failure is the disk being full. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL';
}

function temporaryName(name: string): string {
  return `.pkgtemp.${name}.${randomBytes(12).toString('base64url').replace(/[-_]/g, 'x').slice(0, 12)}`;
}
