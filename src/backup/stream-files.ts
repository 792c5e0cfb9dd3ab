import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../host/errno.ts';
import { removeDurably } from '../host/write-durably.ts';
import { idPattern } from '../zfs/names.ts';
import type { Link } from './chain.ts';
import { parseManifest } from './stream-manifest.ts';

/** The file in which a copy in a directory says what it is. */
export const descriptionFile = 'description.json';

const manifest = new RegExp(`^${idPattern}\\.json$`);
const stream = new RegExp(`^(${idPattern})\\.zfs\\.zst$`);
const own = new RegExp(`^(description\\.json|${idPattern}\\.(json|zfs\\.zst))(\\.part)?$`);

/** Where a backup's stream lies. */
export function streamOf(directory: string, backup: string): string {
  return join(directory, `${backup}.zfs.zst`);
}

/** Where its manifest lies: what makes a stream of it, as the last to be written and the first to go. */
export function manifestOf(directory: string, backup: string): string {
  return join(directory, `${backup}.json`);
}

/** The streams of a copy, oldest first. */
export function readLinks(directory: string): Link[] {
  return manifests(directory).flatMap((file) => parseManifest(readText(join(directory, file))) ?? []);
}

/** A manifest that says nothing to this jtx: of a newer one, or broken. What its stream builds upon nobody knows. */
export function unknownManifest(directory: string): string | undefined {
  return manifests(directory).find((file) => parseManifest(readText(join(directory, file))) === undefined);
}

function manifests(directory: string): string[] {
  return readdirSync(directory)
    .filter((file) => manifest.test(file))
    .sort();
}

/** Whether a stream is there, as far as its size tells. */
export function isThere(directory: string, { backup, bytes }: Link): boolean {
  return statSync(streamOf(directory, backup), { throwIfNoEntry: false })?.size === bytes;
}

/** A file that jtx did not write there. */
export function foreignFile(directory: string): string | undefined {
  return readdirSync(directory).find((file) => !own.test(file));
}

/** Removes streams, the newest first: what builds upon another is gone, for good, before that is. */
export function removeStreams(directory: string, backups: readonly string[]): void {
  for (const backup of [...backups].sort().reverse()) removeDurably(manifestOf(directory, backup));
  tidy(directory);
}

/**
 * Removes what was cut off: a stream without its manifest is none. Whoever still writes there goes on into a file that has
 * no name any more.
 */
export function tidy(directory: string): void {
  const files = new Set(readdirSync(directory));
  for (const file of files) {
    const backup = stream.exec(file)?.[1];
    const alone = backup !== undefined && !files.has(`${backup}.json`);
    if (alone || (own.test(file) && file.endsWith('.part'))) rmSync(join(directory, file));
  }
}

/** A file's text; empty where there is none. What is there and cannot be read throws: it is not as good as none. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}
