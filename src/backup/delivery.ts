import { JtxError, refused } from '../error.ts';
import type { Command, Finished } from '../host/run.ts';
import { cloneSnapshot, promoteClone, renameDataset } from '../zfs/clone.ts';
import { type Property, setProperties, settings } from '../zfs/properties.ts';
import { receivedBytes, resumeCommand, sendCommand } from '../zfs/send.ts';
import { hasNoRoom, isInVain, noRoom, requireArrived, underWay } from './arrived.ts';
import type { SendRequest } from './backup-target.ts';
import { type Copy, describeAt, packDescription } from './copy.ts';
import type { DatasetTarget } from './dataset-target.ts';
import { backupOf, retiredName } from './names.ts';
import { planSending, type Sending } from './plan-sending.ts';
import { runStream } from './run-stream.ts';
import { adopted, copyOf, described } from './stored-copy.ts';

/** The way of one snapshot to a dataset below a target, step by step: each looks anew at what is there. */
export class Delivery {
  private readonly target: DatasetTarget;
  private readonly request: SendRequest;
  /** The copy, on the target. */
  private readonly place: string;

  constructor(target: DatasetTarget, request: SendRequest) {
    this.target = target;
    this.request = request;
    this.place = `${target.top}/${request.name}`;
  }

  /**
   * Gets a step further; gives the bytes that were sent. Throws `target-blocked`, `target-taken`, `target-busy`,
   * `target-stalled`, `send-failed`, `command-failed`.
   */
  async step(): Promise<'done' | { bytes: number }> {
    const { source, snapshot, description, name, backup } = this.request;
    const { copy, told } = await this.current();
    const sending = planSending(source, snapshot, copy, description.host);
    if (sending.do !== 'nothing') return { bytes: await this.carryOut(sending, copy) };
    const known = told ? copy : undefined;
    await this.target.describe(name, describeAt(description, known, backupOf(snapshot) ?? backup), known);
    return 'done';
  }

  /** The copy as it is now, and whether it says so itself. */
  private async current(): Promise<{ copy: Copy | undefined; told: boolean }> {
    const { description } = this.request;
    const { top, abilities, run } = this.target;
    const stored = (await this.target.inventory(this.place)).get(this.place);
    if (!stored) return { copy: undefined, told: false };
    const known = copyOf(stored, top);
    const copy = known ?? adopted(stored, top, description);
    if (copy?.jail === description.jail && copy.path === description.path) {
      if (!known && copy.points.length > 0) await setProperties(run, this.place, this.seal());
      return { copy, told: known !== undefined };
    }
    // An old zfs(8) shows what it receives as an empty dataset.
    const empty = stored.points.length === 0 && stored.backupOf === undefined;
    if (empty && !abilities.modern) throw underWay(this.place);
    throw refused(
      'target-taken',
      `${this.place} is no backup of ${description.jail}${description.path}`,
      'Give it another name: jtx touches nothing that it did not make.',
    );
  }

  /** One step; gives the bytes sent. */
  private async carryOut(
    sending: Exclude<Sending, { do: 'nothing' }>,
    copy: Copy | undefined,
  ): Promise<number> {
    switch (sending.do) {
      case 'refuse':
        throw refused('target-blocked', sending.why, sending.hint);
      case 'resume':
        return this.resume(sending.token, copy);
      case 'full':
        return this.stream(undefined, copy);
      case 'increment':
        return this.stream(sending.base, copy);
      case 'fork':
        await this.fork(sending.from, copy);
        return 0;
      case 'promote':
        await this.finishFork();
        return 0;
      case 'anew':
        await this.retire();
        return 0;
    }
  }

  private async resume(token: string, copy: Copy | undefined): Promise<number> {
    const finished = await this.pipe(resumeCommand(token), [], copy);
    try {
      await this.requireArrived(finished);
    } catch (error) {
      const busy = error instanceof JtxError && error.code === 'target-busy';
      if (busy || this.request.abort?.aborted || !isInVain(finished)) throw error;
      // It begins anew.
      if (!(await this.giveUp())) throw error;
    }
    return receivedBytes(finished.at(-1)?.stdout ?? '');
  }

  /** Without a base it is a whole one, which makes the copy. */
  private async stream(base: string | undefined, copy: Copy | undefined): Promise<number> {
    const { source, snapshot, description } = this.request;
    const own: Property[] = base ? [] : [...this.seal(), [described, packDescription(description)]];
    const raw = source.encryptionRoot !== undefined;
    const send = sendCommand(this.target.abilities, { dataset: source.name, snapshot, base, raw });
    const finished = await this.pipe(send, own, copy);
    await this.requireArrived(finished);
    return receivedBytes(finished.at(-1)?.stdout ?? '');
  }

  /** What there is no room for leaves none to other jails either, for as long as what has come of it stays. */
  private async requireArrived(finished: readonly Finished[]): Promise<void> {
    try {
      requireArrived(finished, this.place);
    } catch (error) {
      const kept = this.target.abilities.modern && hasNoRoom(finished);
      if (!kept || !(error instanceof JtxError)) throw error;
      throw noRoom(error, this.place, await this.giveUp());
    }
  }

  /** Throws away what has come of a stream in part; gives whether there is nothing of it any more. */
  private async giveUp(): Promise<boolean> {
    const { status, stderr } = await this.target.run(['zfs', 'receive', '-A', this.place], { changes: true });
    return status === 0 || /does not exist|does not have any resumable/.test(stderr);
  }

  private pipe(send: Command, own: readonly Property[], copy: Copy | undefined): Promise<Finished[]> {
    return runStream(this.target, this.request, this.place, {
      send,
      properties: settings(own),
      last: copy?.points.at(-1)?.guid,
    });
  }

  /** What came after the older backup stays under another name; the copy goes on from there. */
  private async fork(from: string, copy: Copy | undefined): Promise<void> {
    const aside = await this.retire();
    const text = packDescription(copy ?? this.request.description);
    const properties: Property[] = [...this.seal(), [described, text]];
    try {
      await cloneSnapshot(this.target.run, `${aside}@${from}`, this.place, properties);
    } catch (error) {
      // Then a whole stream takes its place: of an encrypted one a clone may need its key.
      if (!(error instanceof JtxError)) throw error;
      return;
    }
    await promoteClone(this.target.run, this.place);
  }

  /** A fork that was cut off has left a clone; what else has no snapshot is no backup of anything. */
  private async finishFork(): Promise<void> {
    try {
      await promoteClone(this.target.run, this.place);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      await this.retire();
    }
  }

  /** Gives the copy another name; gives that. */
  private async retire(): Promise<string> {
    const { name, backup } = this.request;
    const aside = `${this.target.top}/${retiredName(name, backup)}`;
    await renameDataset(this.target.run, this.place, aside);
    return aside;
  }

  /** Nothing changes a copy or mounts it by itself. */
  private seal(): Property[] {
    const readonly: Property = ['readonly', 'on'];
    if (this.request.source.volume) return [readonly];
    return [readonly, ['canmount', 'noauto'], ['mountpoint', 'none']];
  }
}
