import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { Decompress } from 'fzstd';
import type { Manifest } from './manifest.ts';
import { readManifest } from './manifest-json.ts';
import { TarError, tarEntries } from './tar.ts';

const ZSTD_MAGIC = 0xfd2fb528;
const PIECE = 1 << 13;

/** The whole tar archive inside a .pkg file, unpacked by one process. */
export function unpackArchive(path: string): Buffer {
  const file = readFileSync(path);
  if (file.length < 4 || file.readUInt32LE(0) !== ZSTD_MAGIC) return file;
  const run = spawnSync('zstd', ['-dcq', '--', path], {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 31,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new TarError('Zstd decompression failed');
  return run.stdout;
}

/** A package's manifest, read from the start of its archive; undefined where it has none. */
export function archiveManifest(path: string): Manifest | undefined {
  const descriptor = openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    let tried = 0;
    const unpacker = new Decompress((piece) => {
      pieces.push(Buffer.from(piece));
      size += piece.length;
    });
    for (let ended = false; !ended; ) {
      const piece = Buffer.alloc(PIECE);
      const length = readSync(descriptor, piece, 0, PIECE, null);
      ended = length < PIECE;
      unpacker.push(piece.subarray(0, length), ended);
      // A manifest may be long: looked for anew only when twice as much is there.
      if (size < 2 * tried && !ended) continue;
      tried = size;
      const manifest = manifestIn(Buffer.concat(pieces));
      if (manifest !== undefined) return manifest;
    }
    return undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The manifest in the first members of a tar archive, which may be cut off after it. */
export function manifestIn(tar: Buffer): Manifest | undefined {
  try {
    for (const entry of tarEntries(tar)) {
      if (!entry.path.startsWith('+')) return undefined;
      if (entry.path === '+MANIFEST') return readManifest(JSON.parse(entry.content.toString('utf8')));
    }
  } catch (error) {
    if (!(error instanceof TarError || error instanceof SyntaxError)) throw error;
  }
  return undefined;
}

/** One member of a small zstd tar archive in memory, as catalogues are. */
export function memberOf(archive: Buffer, name: string): Buffer | undefined {
  const pieces: Buffer[] = [];
  if (archive.length >= 4 && archive.readUInt32LE(0) === ZSTD_MAGIC) {
    const unpacker = new Decompress((piece) => pieces.push(Buffer.from(piece)));
    unpacker.push(archive, true);
  } else pieces.push(archive);
  for (const entry of tarEntries(Buffer.concat(pieces))) {
    if (entry.path === name) return entry.content;
  }
  return undefined;
}
