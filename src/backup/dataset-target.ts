import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { type Command, type Run, runCommand, succeeded } from '../host/run.ts';
import { overSsh, runOver } from '../host/ssh.ts';
import { destroySeveral } from '../zfs/destroy-snapshots.ts';
import { listInventoryIfThere, type Stored } from '../zfs/inventory.ts';
import { setProperties } from '../zfs/properties.ts';
import { type Abilities, requireRaw, sendCommand } from '../zfs/send.ts';
import type { BackupTarget, Refusal, SendRequest, Stream } from './backup-target.ts';
import { type Copy, type CopyPoint, type Description, packDescription } from './copy.ts';
import { Delivery } from './delivery.ts';
import { copyOf, described } from './stored-copy.ts';
import type { Address } from './target.ts';

type DatasetAddress = Exclude<Address, { kind: 'directory' }>;

/** Milliseconds for which a stream that another has left is waited for, and between two looks at it. */
const patience = 10 * 60_000;
const pause = 2000;

/** A dataset of this host or of another as a place for backups: a dataset below it for each that is backed up. */
export class DatasetTarget implements BackupTarget {
  readonly name: string;
  readonly top: string;
  /** What this zfs(8) and that of the place can both do. */
  readonly abilities: Abilities;
  /** Runs a command where the place is. */
  readonly run: Run;
  /** A command as it is started here to run there. */
  readonly there: (command: Command) => Command;

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
      const copy = copyOf(one, this.top);
      if (!copy) return [];
      const below = stored.find(({ name }) => name.startsWith(`${one.name}/`));
      return below ? { ...copy, stays: `there is ${below.name}` } : copy;
    });
  }

  async send(request: SendRequest): Promise<{ bytes: number }> {
    const { name: dataset, encryptionRoot } = request.source;
    // Before anything there is renamed for it.
    requireRaw(this.abilities, { dataset, raw: encryptionRoot !== undefined });
    const delivery = new Delivery(this, request);
    const until = Date.now() + patience;
    let waiting = false;
    let bytes = 0;
    // Each round gets a step further; a jail that went back, with a stream that was interrupted, takes the most.
    for (let round = 0; round < 6; ) {
      try {
        const step = await delivery.step();
        if (step === 'done') return { bytes };
        bytes += step.bytes;
        round += 1;
      } catch (error) {
        // What a jtx that was killed has left goes on by itself, and comes to its end.
        const passing = error instanceof JtxError && error.code === 'target-busy';
        if (!passing || Date.now() > until || request.abort?.aborted) throw error;
        if (!waiting) request.onWait?.(error.message);
        waiting = true;
        await sleep(pause);
      }
    }
    throw new JtxError({
      code: 'send-failed',
      outcome: 'refused',
      message: `${this.top}/${request.name} could not be brought up to date`,
    });
  }

  async describe(name: string, description: Description, known: Description | undefined): Promise<void> {
    const text = packDescription(description);
    if (known && packDescription(known) === text) return;
    await setProperties(this.run, `${this.top}/${name}`, [[described, text]]);
  }

  streams({ name, raw }: Copy, { snapshot }: CopyPoint): Promise<Stream[]> {
    const dataset = `${this.top}/${name}`;
    const sent = sendCommand(this.abilities, { dataset, snapshot, base: undefined, raw: raw === true });
    return Promise.resolve([{ commands: [this.there(sent)], snapshot }]);
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

  /** Everything in a tree of the place; nothing where it does not exist. */
  inventory(tree: string): Promise<Map<string, Stored>> {
    return listInventoryIfThere(this.run, tree);
  }
}
