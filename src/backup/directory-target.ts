import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { JtxError, refused } from '../error.ts';
import { moveDurably, writeDurably } from '../host/write-durably.ts';
import { type Abilities, sendCommand } from '../zfs/send.ts';
import type { BackupTarget, Refusal, SendRequest, Stream } from './backup-target.ts';
import { baseFor, chainOf, type Link, removable } from './chain.ts';
import { type Copy, type CopyPoint, type Description, describeAt, printDescription } from './copy.ts';
import { copyIn } from './directory-copy.ts';
import { intactStreams, writeStream } from './directory-streams.ts';
import { backupOf } from './names.ts';
import { requireOwn } from './own-copy.ts';
import {
  descriptionFile,
  isThere,
  manifestOf,
  readLinks,
  removeStreams,
  streamOf,
  tidy,
  unknownManifest,
} from './stream-files.ts';
import { printManifest } from './stream-manifest.ts';

/**
 * A directory as a place for backups: in it one for each dataset, with a compressed stream and its manifest for each
 * backup. A stream without a manifest is none: that is written last.
 */
export class DirectoryTarget implements BackupTarget {
  readonly name: string;
  private readonly top: string;
  private readonly abilities: Abilities;

  constructor(name: string, directory: string, abilities: Abilities) {
    this.name = name;
    this.top = directory;
    this.abilities = abilities;
  }

  list(): Promise<Copy[]> {
    return onDisk(() => {
      if (!existsSync(this.top))
        throw refused('target-missing', `there is no directory ${this.top}`, `mkdir -p ${this.top}`);
      const names = readdirSync(this.top, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return names.flatMap(({ name }) => copyIn(this.top, name) ?? []);
    });
  }

  send(request: SendRequest): Promise<{ bytes: number }> {
    return onDisk(async () => {
      const { source, name, snapshot, description } = request;
      const directory = join(this.top, name);
      const copy = copyIn(this.top, name);
      if (copy) requireOwn(copy, source, description.host, request.backup);
      // Not what is above: where a disk is not mounted any more it would come to lie on the one below.
      if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
      const backup = backupOf(snapshot) ?? request.backup;
      await this.describe(name, describeAt(description, copy, backup), copy);
      return this.add(request, directory, backup);
    });
  }

  describe(name: string, description: Description, known: Description | undefined): Promise<void> {
    return onDisk(() => {
      const text = printDescription(description);
      if (!known || printDescription(known) !== text)
        writeDurably(join(this.top, name, descriptionFile), text);
    });
  }

  streams({ name }: Copy, { snapshot }: CopyPoint): Promise<Stream[]> {
    return onDisk(() => intactStreams(join(this.top, name), backupOf(snapshot) ?? '', snapshot));
  }

  /** What others build upon stays. */
  destroy({ name }: Copy, points: readonly CopyPoint[]): Promise<Refusal[]> {
    return onDisk(() => {
      const directory = join(this.top, name);
      const unknown = unknownManifest(directory);
      if (unknown !== undefined)
        return points.map((point) => ({ point, why: `${unknown} may build upon it` }));
      const unwanted = points.flatMap(({ snapshot }) => backupOf(snapshot) ?? []);
      const going = removable(readLinks(directory), unwanted);
      removeStreams(directory, going);
      const kept = points.filter(({ snapshot }) => !going.includes(backupOf(snapshot) ?? ''));
      return kept.map((point) => ({ point, why: 'others build upon it' }));
    });
  }

  drop({ name }: Copy): Promise<void> {
    return onDisk(() => {
      rmSync(join(this.top, name, descriptionFile), { force: true });
      rmdirSync(join(this.top, name));
    });
  }

  /** Adds a snapshot's stream to a copy, and last its manifest; gives the bytes, none where it is there already. */
  private async add(request: SendRequest, directory: string, backup: string): Promise<{ bytes: number }> {
    const { source, snapshot } = request;
    // Nothing is built upon what cannot be restored.
    const links = readLinks(directory).filter((link) => isThere(directory, link));
    tidy(directory);
    const guid = source.points.find((point) => !point.bookmark && point.name === snapshot)?.guid ?? '';
    const same = links.find((link) => link.guid === guid);
    if (same && chainOf(links, same.backup)) return { bytes: 0 };
    const base = baseFor(links, source, snapshot, Date.now());
    const raw = source.encryptionRoot !== undefined;
    const send = sendCommand(this.abilities, { dataset: source.name, snapshot, base: base?.name, raw });
    const stream = streamOf(directory, backup);
    const { bytes, sha256 } = await writeStream(`${stream}.part`, send, request);
    moveDurably(`${stream}.part`, stream);
    const on = base ? { backup: base.link.backup, guid: base.link.guid } : null;
    const link: Link = { backup, snapshot, guid, base: on, bytes, sha256 };
    writeDurably(manifestOf(directory, backup), printManifest(link));
    return { bytes };
  }
}

/** A full or broken disk concerns this target alone. Throws `target-failed`. */
async function onDisk<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new JtxError({ code: 'target-failed', outcome: 'refused', message: error.message, cause: error });
  }
}
