import { join } from 'node:path';
import { errnoOf } from '../host/errno.ts';
import { chainOf, type Link } from './chain.ts';
import { type Copy, type CopyPoint, type Description, parseDescription } from './copy.ts';
import { descriptionFile, foreignFile, isThere, readLinks, readText } from './stream-files.ts';

/** What a directory of this name in `top` holds as a copy; undefined where it is none. */
export function copyIn(top: string, name: string): Copy | undefined {
  const directory = join(top, name);
  const description = descriptionIn(directory);
  if (!description) return undefined;
  const points = pointsIn(directory);
  const foreign = foreignFile(directory);
  const stays = foreign === undefined ? {} : { stays: `there is ${foreign}` };
  return { ...description, name, points, token: undefined, ...stays };
}

function pointsIn(directory: string): CopyPoint[] {
  const links = readLinks(directory);
  const newest = links.at(-1);
  const isBroken = (link: Link): boolean =>
    link === newest && !chainOf(links, link.backup)?.every((one) => isThere(directory, one));
  return links.map((link) => ({
    snapshot: link.snapshot,
    guid: link.guid,
    ...(link.base ? { base: link.base.backup } : {}),
    // Only of the newest it matters at each look.
    ...(isBroken(link) ? { broken: true as const } : {}),
  }));
}

/** A directory that is nobody's copy may be one that nobody may enter. */
function descriptionIn(directory: string): Description | undefined {
  try {
    return parseDescription(readText(join(directory, descriptionFile)));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EACCES' || errno === 'EISDIR') return undefined;
    throw error;
  }
}
