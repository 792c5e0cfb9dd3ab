import { JtxError, refused } from '../error.ts';
import { requireWhole, runPipeline } from '../host/pipeline.ts';
import { type Command, type Run, runCommand, succeeded } from '../host/run.ts';
import { overSsh, runOver } from '../host/ssh.ts';
import { cloneSnapshot, promoteClone, renameDataset } from '../zfs/clone.ts';
import { destroySeveral, whyItStays } from '../zfs/destroy-snapshots.ts';
import { listInventory, type Stored } from '../zfs/inventory.ts';
import { setProperties } from '../zfs/properties.ts';
import {
  type Abilities,
  followSend,
  receiveCommand,
  receivedBytes,
  resumeCommand,
  sendCommand,
} from '../zfs/send.ts';
import type { BackupTarget, Refusal, SendRequest, Stream } from './backup-target.ts';
import { type Copy, type CopyPoint, type Description, parseDescription, printDescription } from './copy.ts';
import { backupOf, retiredName } from './names.ts';
import { planSending, type Sending } from './plan-sending.ts';
import type { Address } from './target.ts';

type DatasetAddress = Exclude<Address, { kind: 'directory' }>;

const described = 'jtx:backup-of';

/** A dataset of this host or of another as a place for backups: a dataset below it for each that is backed up. */
export class DatasetTarget implements BackupTarget {
  readonly name: string;
  private readonly top: string;
  private readonly run: Run;
  private readonly there: (command: Command) => Command;
  private readonly abilities: Abilities;

  /** `abilities` are what the zfs(8) here and there can both do. */
  constructor(name: string, address: DatasetAddress, abilities: Abilities) {
    this.name = name;
    this.top = address.dataset;
    this.run = address.kind === 'ssh' ? runOver(address, runCommand) : runCommand;
    this.there = address.kind === 'ssh' ? (command) => overSsh(address, command) : (command) => command;
    this.abilities = abilities;
  }

  async list(): Promise<Copy[]> {
    const inventory = await this.inventory(this.top);
    if (!inventory.has(this.top)) {
      throw refused(
        'target-missing',
        `there is no dataset ${this.top} for backups`,
        `zfs create -o mountpoint=none -o canmount=off ${this.top}`,
      );
    }
    const stored = [...inventory.values()];
    return stored.flatMap((one) => {
      const copy = this.copyOf(one);
      if (!copy) return [];
      const below = stored.find(({ name }) => name.startsWith(`${one.name}/`));
      return below ? { ...copy, stays: `there is ${below.name}` } : copy;
    });
  }

  async send(request: SendRequest): Promise<{ bytes: number }> {
    let bytes = 0;
    // Each round gets a step further; a jail that went back, with a stream that was interrupted, takes the most.
    for (let round = 0; round < 6; round += 1) {
      const copy = await this.current(request);
      const sending = planSending(request.source, request.snapshot, copy, request.description.host);
      if (sending.do === 'nothing') {
        await this.describe(request.name, request.description, copy);
        return { bytes };
      }
      bytes += await this.carryOut(sending, request, copy);
    }
    throw new JtxError({
      code: 'send-failed',
      outcome: 'refused',
      message: `${this.top}/${request.name} could not be brought up to date`,
    });
  }

  async describe(name: string, description: Description, known: Copy | undefined): Promise<void> {
    const text = printDescription(description);
    if (known && printDescription(known) === text) return;
    await setProperties(this.run, `${this.top}/${name}`, [[described, text]]);
  }

  streams(copy: Copy, { snapshot }: CopyPoint): Promise<Stream[]> {
    const sent = sendCommand(this.abilities, `${this.top}/${copy.name}`, snapshot, undefined);
    return Promise.resolve([{ commands: [this.there(sent)] }]);
  }

  async destroy({ name }: Copy, points: readonly CopyPoint[]): Promise<Refusal[]> {
    const names = points.map(({ snapshot }) => snapshot);
    const kept = await destroySeveral(this.run, this.abilities, `${this.top}/${name}`, names);
    return points.flatMap((point) => {
      const why = kept.get(point.snapshot);
      return why === undefined ? [] : [{ point, why }];
    });
  }

  async drop({ name }: Copy): Promise<void> {
    // Without -r: what has anything in it is refused.
    const gone = await this.run(['zfs', 'destroy', `${this.top}/${name}`], { changes: true });
    if (!/does not exist/.test(gone.stderr)) succeeded(gone);
  }

  private async inventory(top: string): Promise<Map<string, Stored>> {
    try {
      return await listInventory(this.run, [top]);
    } catch (error) {
      if (error instanceof JtxError && /does not exist/.test(error.message)) return new Map();
      throw error;
    }
  }

  /** The copy as it is now: each step may have changed it. */
  private async current({ name, description }: SendRequest): Promise<Copy | undefined> {
    const stored = (await this.inventory(`${this.top}/${name}`)).get(`${this.top}/${name}`);
    if (!stored) return undefined;
    const copy = this.copyOf(stored) ?? this.adopt(stored, description);
    if (copy && copy.jail === description.jail && copy.path === description.path) return copy;
    throw refused(
      'target-taken',
      `${stored.name} is no backup of ${description.jail}${description.path}`,
      'Give it another name: jtx touches nothing that it did not make.',
    );
  }

  private copyOf(stored: Stored): Copy | undefined {
    const description = stored.backupOf === undefined ? undefined : parseDescription(stored.backupOf);
    return description && { ...description, ...this.contents(stored) };
  }

  /** What a first stream has left that was cut off before it was described. */
  private adopt(stored: Stored, description: Description): Copy | undefined {
    const own = stored.points.every(({ name }) => backupOf(name) !== undefined);
    return own && (stored.token !== undefined || stored.points.length > 0)
      ? { ...description, properties: [], ...this.contents(stored) }
      : undefined;
  }

  private contents({ name, points, token }: Stored): Pick<Copy, 'name' | 'points' | 'token'> {
    const snapshots = points.filter(({ bookmark }) => !bookmark);
    return {
      name: name.slice(this.top.length + 1),
      points: snapshots.map((point) => ({ snapshot: point.name, guid: point.guid, ...whyItStays(point) })),
      token,
    };
  }

  /** One step; gives the bytes sent. */
  private async carryOut(
    sending: Exclude<Sending, { do: 'nothing' }>,
    request: SendRequest,
    copy: Copy | undefined,
  ): Promise<number> {
    const { source, snapshot } = request;
    switch (sending.do) {
      case 'refuse':
        throw refused('target-blocked', sending.why, sending.hint);
      case 'resume':
        return this.resume(sending.token, request);
      case 'full':
        return this.stream(sendCommand(this.abilities, source.name, snapshot, undefined), request, true);
      case 'increment':
        return this.stream(sendCommand(this.abilities, source.name, snapshot, sending.base), request, false);
      case 'fork':
        await this.fork(request, sending.from, copy);
        return 0;
      case 'anew':
        await this.retire(request);
        return 0;
    }
  }

  private async resume(token: string, request: SendRequest): Promise<number> {
    try {
      return await this.stream(resumeCommand(token), request, false);
    } catch (error) {
      if (request.abort?.aborted || !(error instanceof JtxError)) throw error;
      // What was interrupted cannot go on, for example because its snapshot is gone: it begins anew.
      const partial = `${this.top}/${request.name}`;
      const aborted = await this.run(['zfs', 'receive', '-A', partial], { changes: true });
      if (aborted.status !== 0) throw error;
      return 0;
    }
  }

  private async stream(send: Command, request: SendRequest, first: boolean): Promise<number> {
    const target = `${this.top}/${request.name}`;
    const sealed = ['readonly=on', ...(request.source.volume ? [] : ['canmount=noauto', 'mountpoint=none'])];
    const own = [...sealed, `${described}=${printDescription(request.description)}`];
    const receive = this.there(receiveCommand(this.abilities, target, first ? own : []));
    const follow = followSend((progress) => request.onProgress?.(progress));
    const finished = await runPipeline([send, receive], {
      ...(request.abort === undefined ? {} : { abort: request.abort }),
      onError: (stage, chunk) => stage === 0 && follow(chunk),
    });
    requireWhole(finished);
    if (first && !this.abilities.modern) {
      for (const setting of own)
        succeeded(await this.run(['zfs', 'set', setting, target], { changes: true }));
    }
    return receivedBytes(finished.at(-1)?.stdout ?? '');
  }

  /** What came after the older backup stays under another name; the copy goes on from there. */
  private async fork(request: SendRequest, from: string, copy: Copy | undefined): Promise<void> {
    const target = `${this.top}/${request.name}`;
    const aside = `${this.top}/${retiredName(request.name, request.backup)}`;
    await renameDataset(this.run, target, aside);
    const sealed = [['readonly', 'on'] as const];
    const unmounted = request.source.volume
      ? []
      : [['canmount', 'noauto'] as const, ['mountpoint', 'none'] as const];
    const text = printDescription(copy ?? request.description);
    try {
      await cloneSnapshot(this.run, `${aside}@${from}`, target, [...sealed, ...unmounted, [described, text]]);
    } catch (error) {
      // Then a whole stream takes its place: of an encrypted one a clone may need its key.
      if (!(error instanceof JtxError)) throw error;
      return;
    }
    await promoteClone(this.run, target);
  }

  private async retire({ name, backup }: SendRequest): Promise<void> {
    await renameDataset(this.run, `${this.top}/${name}`, `${this.top}/${retiredName(name, backup)}`);
  }
}
