import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { JtxError, refused } from '../error.ts';
import { requireWhole, runPipeline } from '../host/pipeline.ts';
import { type Abilities, followSend, sendCommand } from '../zfs/send.ts';
import type { BackupTarget, Refusal, SendRequest, Stream } from './backup-target.ts';
import { baseFor, chainOf, type Link, removable } from './chain.ts';
import { type Copy, type CopyPoint, type Description, parseDescription, printDescription } from './copy.ts';
import { backupOf } from './names.ts';

const version = 1;

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
    if (!existsSync(this.top)) {
      const missing = refused('target-missing', `there is no directory ${this.top}`, `mkdir -p ${this.top}`);
      return Promise.reject(missing);
    }
    const names = readdirSync(this.top, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return Promise.resolve(names.flatMap(({ name }) => this.copyOf(name) ?? []));
  }

  async send(request: SendRequest): Promise<{ bytes: number }> {
    const { name, source, snapshot, description } = request;
    const copy = this.copyOf(name);
    if (copy && copy.host !== description.host && !copy.points.some(({ guid }) => has(source, guid)))
      throw refused(
        'target-blocked',
        `${join(this.top, name)} is a backup that ${copy.host} makes of its own`,
      );
    mkdirSync(join(this.top, name), { recursive: true, mode: 0o700 });
    await this.describe(name, description, copy);
    const links = this.links(name);
    const guid = source.points.find((point) => !point.bookmark && point.name === snapshot)?.guid ?? '';
    const backup = backupOf(snapshot) ?? request.backup;
    if (links.some((link) => link.guid === guid)) return { bytes: 0 };
    const base = baseFor(links, source, snapshot, Date.now());
    const stream = join(this.top, name, `${backup}.zfs.zst`);
    const { bytes, sha256 } = await this.write(`${stream}.part`, request, base?.name);
    renameSync(`${stream}.part`, stream);
    const link: Link = {
      backup,
      snapshot,
      guid,
      base: base ? { backup: base.link.backup, guid: base.link.guid } : null,
      bytes,
      sha256,
    };
    writeDurably(join(this.top, name, `${backup}.json`), JSON.stringify({ v: version, ...link }));
    return { bytes };
  }

  describe(name: string, description: Description, known: Copy | undefined): Promise<void> {
    const text = printDescription(description);
    if (!known || printDescription(known) !== text)
      writeDurably(join(this.top, name, 'description.json'), text);
    return Promise.resolve();
  }

  async streams({ name }: Copy, { snapshot }: CopyPoint): Promise<Stream[]> {
    const chain = chainOf(this.links(name), backupOf(snapshot) ?? '');
    if (!chain) throw broken(`${join(this.top, name)} lacks a stream that ${snapshot} builds upon`);
    const streams: Stream[] = [];
    for (const { backup, bytes, sha256 } of chain) {
      const file = join(this.top, name, `${backup}.zfs.zst`);
      if (!existsSync(file)) throw broken(`${file} is gone`);
      const found = await sumOf(file);
      if (found.bytes !== bytes || found.sha256 !== sha256)
        throw broken(`${file} is not what was written: its sum is another`);
      streams.push({ commands: [['zstd', '-dcq']], file });
    }
    return streams;
  }

  /** What others build upon stays. */
  destroy({ name }: Copy, points: readonly CopyPoint[]): Promise<Refusal[]> {
    const unwanted = points.flatMap(({ snapshot }) => backupOf(snapshot) ?? []);
    const going = removable(this.links(name), unwanted);
    // The newest first: what builds upon another is gone before that is.
    for (const backup of going.toSorted().reverse())
      for (const suffix of ['.json', '.zfs.zst'])
        rmSync(join(this.top, name, backup + suffix), { force: true });
    this.tidy(name);
    const kept = points.filter(({ snapshot }) => !going.includes(backupOf(snapshot) ?? ''));
    return Promise.resolve(kept.map((point) => ({ point, why: 'others build upon it' })));
  }

  drop({ name }: Copy): Promise<void> {
    rmSync(join(this.top, name, 'description.json'), { force: true });
    rmdirSync(join(this.top, name));
    return Promise.resolve();
  }

  private copyOf(name: string): Copy | undefined {
    const description = parseDescription(readText(join(this.top, name, 'description.json')));
    if (!description) return undefined;
    const points = this.links(name).map(({ snapshot, guid, base }) => ({
      snapshot,
      guid,
      ...(base ? { base: base.backup } : {}),
    }));
    const foreign = readdirSync(join(this.top, name)).find((file) => !isOwn(file));
    const stays = foreign === undefined ? {} : { stays: `there is ${foreign}` };
    return { ...description, name, points, token: undefined, ...stays };
  }

  /** Oldest first. */
  private links(name: string): Link[] {
    const directory = join(this.top, name);
    const files = readdirSync(directory).filter((file) => /^[0-9A-Z]{26}\.json$/.test(file));
    return files.sort().flatMap((file) => parseLink(readText(join(directory, file))) ?? []);
  }

  /** Removes what was cut off: a stream without its manifest is none. */
  private tidy(name: string): void {
    const files = new Set(readdirSync(join(this.top, name)));
    for (const file of files) {
      const backup = /^([0-9A-Z]{26})\.zfs\.zst$/.exec(file)?.[1];
      const alone = backup !== undefined && !files.has(`${backup}.json`);
      if (alone || (isOwn(file) && file.endsWith('.part'))) rmSync(join(this.top, name, file));
    }
  }

  private async write(
    file: string,
    { source, snapshot, abort, onProgress }: SendRequest,
    base: string | undefined,
  ): Promise<{ bytes: number; sha256: string }> {
    const into = openSync(file, 'w', 0o600);
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

function isOwn(file: string): boolean {
  return /^(description\.json|[0-9A-Z]{26}\.(json|zfs\.zst))(\.part)?$/.test(file);
}

function has(source: SendRequest['source'], guid: string): boolean {
  return source.points.some((point) => point.guid === guid);
}

async function sumOf(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return { bytes: statSync(file).size, sha256: hash.digest('hex') };
}

/** A crash leaves the old text or the new. */
function writeDurably(file: string, text: string): void {
  const part = `${file}.part`;
  const descriptor = openSync(part, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(part, file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parseLink(text: string): Link | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const word = (name: string): string => String(fields.get(name) ?? '');
  const base = fields.get('base');
  if (fields.get('v') !== version || word('backup') === '') return undefined;
  return {
    backup: word('backup'),
    snapshot: word('snapshot'),
    guid: word('guid'),
    base: typeof base === 'object' && base !== null ? parseBase(base) : null,
    bytes: Number(fields.get('bytes')),
    sha256: word('sha256'),
  };
}

function parseBase(base: object): { backup: string; guid: string } {
  const fields = new Map<string, unknown>(Object.entries(base));
  return { backup: String(fields.get('backup')), guid: String(fields.get('guid')) };
}

function broken(message: string): JtxError {
  return new JtxError({ code: 'backup-broken', outcome: 'refused', message });
}
