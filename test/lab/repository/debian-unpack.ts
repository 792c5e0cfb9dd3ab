import { execFile } from 'node:child_process';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { tarEntries } from '../pkg/tar.ts';
import type { ContentFile, ContentLink } from './content.ts';
import { placeOf } from './layout.ts';

const run = promisify(execFile);

/** The files and links of some of the distribution's packages, where the lab's packages have them. */
export interface Unpacked {
  files: ContentFile[];
  links: ContentLink[];
}

const known = new Map<string, Promise<Unpacked>>();

/** Unpacks one of the distribution's packages in memory; the same one gives the same content again. */
export function unpackDeb(path: string): Promise<Unpacked> {
  const unpacked = known.get(path) ?? unpack(path);
  known.set(path, unpacked);
  return unpacked;
}

async function unpack(path: string): Promise<Unpacked> {
  const options = { encoding: 'buffer', maxBuffer: 2 ** 30 } as const;
  const { stdout } = await run('dpkg-deb', ['--fsys-tarfile', path], options);
  const unpacked: Unpacked = { files: [], links: [] };
  const contents = new Map<string, ContentFile>();
  for (const entry of tarEntries(stdout)) {
    const original = posix.resolve('/', entry.path);
    const place = placeOf(original);
    if (entry.type === 'symlink') {
      if (place !== undefined)
        unpacked.links.push({
          path: place,
          target: moved(original, place, entry.linkTarget),
          mtime: entry.mtime,
        });
      continue;
    }
    const linked = entry.type === 'hardlink' ? contents.get(posix.resolve('/', entry.linkTarget)) : undefined;
    if (entry.type !== 'file' && linked === undefined) continue;
    const { content, mode, mtime } = linked ?? entry;
    const file = {
      path: place ?? original,
      content,
      mode: (mode ?? 0o644) & 0o7777,
      mtime: Math.floor(mtime ?? 0),
    };
    contents.set(original, file);
    if (place !== undefined) unpacked.files.push(file);
  }
  return unpacked;
}

/** A link's target where the link and what it points to may both lie elsewhere than in the distribution. */
function moved(original: string, place: string, target: string): string {
  const absolute = posix.resolve(posix.dirname(original), target);
  const targetPlace = placeOf(absolute) ?? absolute;
  if (target.startsWith('/')) return targetPlace;
  return posix.relative(posix.dirname(place), targetPlace);
}
