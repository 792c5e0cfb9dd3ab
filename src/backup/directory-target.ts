import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { JtxError, refused } from '../error.ts';
import { requireWhole, runPipeline } from '../host/pipeline.ts';
import { moveDurably, writeDurably } from '../host/write-durably.ts';
import { type Abilities, followSend, sendCommand } from '../zfs/send.ts';
import type { BackupTarget, Refusal, SendRequest, Stream } from './backup-target.ts';
import { baseFor, chainOf, type Link, removable } from './chain.ts';
import {
  type Copy,
  type CopyPoint,
  type Description,
  describeAt,
  parseDescription,
  printDescription,
} from './copy.ts';
import { backupOf } from './names.ts';
import {
  descriptionFile,
  foreignFile,
  isThere,
  manifestOf,
  readLinks,
  readText,
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
      return names.flatMap(({ name }) => this.copyOf(name) ?? []);
    });
  }

  send(request: SendRequest): Promise<{ bytes: number }> {
    return onDisk(async () => {
      const { name, source, snapshot, description } = request;
      const copy = this.copyOf(name);
      if (copy && copy.host !== description.host && !copy.points.some(({ guid }) => has(source, guid)))
        throw refused(
          'target-blocked',
          `${join(this.top, name)} is a backup that ${copy.host} makes of its own`,
          'Give each host a directory of its own.',
        );
      const directory = join(this.top, name);
      // Not what is above: where a disk is not mounted any more it would come to lie on the one below.
      if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
      const backup = backupOf(snapshot) ?? request.backup;
      await this.describe(name, describeAt(description, copy, backup), copy);
      // Nothing is built upon what cannot be restored.
      const links = readLinks(directory).filter((link) => isThere(directory, link));
      tidy(directory);
      const guid = source.points.find((point) => !point.bookmark && point.name === snapshot)?.guid ?? '';
      const same = links.find((link) => link.guid === guid);
      if (same && chainOf(links, same.backup)) return { bytes: 0 };
      const base = baseFor(links, source, snapshot, Date.now());
      const stream = streamOf(directory, backup);
      const { bytes, sha256 } = await this.write(`${stream}.part`, request, base?.name);
      moveDurably(`${stream}.part`, stream);
      const on = base ? { backup: base.link.backup, guid: base.link.guid } : null;
      const link: Link = { backup, snapshot, guid, base: on, bytes, sha256 };
      writeDurably(manifestOf(directory, backup), printManifest(link));
      return { bytes };
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
    return onDisk(async () => {
      const directory = join(this.top, name);
      const chain = chainOf(readLinks(directory), backupOf(snapshot) ?? '');
      if (!chain) throw broken(`${directory} lacks a stream that ${snapshot} builds upon`);
      const streams: Stream[] = [];
      for (const { backup, bytes, sha256, snapshot: brought } of chain) {
        const file = streamOf(directory, backup);
        if (!existsSync(file)) throw broken(`${file} is gone`);
        const found = await sumOf(file);
        if (found.bytes !== bytes || found.sha256 !== sha256)
          throw broken(`${file} is not what was written: its sum is another`);
        streams.push({ commands: [['zstd', '-dcq']], file, snapshot: brought });
      }
      return streams;
    });
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

  private copyOf(name: string): Copy | undefined {
    const directory = join(this.top, name);
    const description = descriptionIn(directory);
    if (!description) return undefined;
    const links = readLinks(directory);
    const newest = links.at(-1);
    const isBroken = (link: Link): boolean =>
      link === newest && !chainOf(links, link.backup)?.every((one) => isThere(directory, one));
    const points = links.map((link) => ({
      snapshot: link.snapshot,
      guid: link.guid,
      ...(link.base ? { base: link.base.backup } : {}),
      // Only of the newest it matters at each look.
      ...(isBroken(link) ? { broken: true as const } : {}),
    }));
    const foreign = foreignFile(directory);
    const stays = foreign === undefined ? {} : { stays: `there is ${foreign}` };
    return { ...description, name, points, token: undefined, ...stays };
  }

  private async write(
    file: string,
    { source, snapshot, abort, onProgress }: SendRequest,
    base: string | undefined,
  ): Promise<{ bytes: number; sha256: string }> {
    // A file of its own: another jtx that was killed may have left a writer.
    const into = openSync(file, 'wx', 0o600);
    const follow = followSend((progress) => onProgress?.(progress));
    try {
      const send = sendCommand(this.abilities, source.name, snapshot, base);
      const finished = await runPipeline([send, ['zstd', '-qc', '-T0']], {
        into,
        ...(abort === undefined ? {} : { abort }),
        onError: (stage, chunk) => stage === 0 && follow(chunk),
      });
      requireWhole(finished);
      fsyncSync(into);
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(into);
    }
    return sumOf(file);
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

function has(source: SendRequest['source'], guid: string): boolean {
  return source.points.some((point) => point.guid === guid);
}

async function sumOf(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return { bytes: statSync(file).size, sha256: hash.digest('hex') };
}

function broken(message: string): JtxError {
  return new JtxError({ code: 'backup-broken', outcome: 'refused', message });
}

/** A directory that is nobody's copy may be one that nobody may enter. */
function descriptionIn(directory: string): ReturnType<typeof parseDescription> {
  try {
    return parseDescription(readText(join(directory, descriptionFile)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(EACCES|EISDIR)$/.test(String(error.code)))
      return undefined;
    throw error;
  }
}
