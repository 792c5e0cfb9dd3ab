import { JtxError } from '../../src/error.ts';
import { change } from '../../src/transaction/change.ts';
import type { Context } from '../../src/transaction/context.ts';
import type { Ending } from '../../src/transaction/ending.ts';
import { type ChangeRequest, plainChange } from '../../src/transaction/request.ts';
import { rollback } from '../../src/transaction/rollback.ts';
import { bookmarks, guids, type SequenceJail, theirHold, zfs, zfsCan } from './world.ts';

/** A number below another, at random but always the same for one seed. */
export type Random = (below: number) => number;

/**
 * One jail, what is known of it, and random steps on it. After each step: nothing foreign has disappeared, what never
 * goes back has not, what failed has changed nothing, and a rollback has brought back just what was there.
 */
export class Sequence {
  readonly violations: string[] = [];
  readonly steps: string[] = [];
  /** By the name that it was made under: its guid. */
  private readonly foreign = new Map<string, string>();
  /** What this step has made, and belongs to others. */
  private claimed: string[] = [];
  /** Everything that there was after the last step. */
  private there: ReadonlyMap<string, string> = new Map();
  private readonly snapshots: string[] = [];
  /** The state just before a transaction, or in a snapshot. */
  private readonly states = new Map<string, string>();
  /** Transactions to which a rollback can be asked for. */
  private targets: string[] = [];
  /** What a rollback has set aside is the jail again once that rollback was undone. */
  private readonly rollbacks = new Set<string>();
  private count = 0;
  private readonly context: Context;
  private readonly jail: SequenceJail;
  private readonly random: Random;

  constructor(context: Context, jail: SequenceJail, random: Random) {
    this.context = context;
    this.jail = jail;
    this.random = random;
  }

  /** One random step, and a look at everything. */
  async step(): Promise<void> {
    const kinds: (() => Promise<string> | string)[] = [
      () => this.write(),
      () => this.write(),
      () => this.snapshot(),
      () => this.cloneOrHold(),
      () => this.child(),
      () =>
        this.change({
          verb: 'run',
          words: ['sh', '-c', `echo ${this.count} >> /root/state; echo x > /www/${this.count}`],
        }),
      () => this.change({ verb: 'run', words: ['sh', '-c', 'rm -rf /www/* /etc/rc; exit 1'] }),
      // An install takes as long as three of the others, and is to the model what a command is.
      () => this.change({ verb: 'install', words: [this.pick(['tiny', 'libfoo', 'postfail']) ?? 'tiny'] }),
      () => this.back(),
      () => this.back(),
      () => this.back(),
    ];
    this.count += 1;
    const kind = this.pick(kinds);
    if (kind) this.steps.push(await kind());
    this.look();
  }

  /** Every state that was ever committed can be reached still: each is gone back to, in turn. */
  async reachAll(most: number): Promise<number> {
    const targets = [...this.targets].sort(() => this.random(3) - 1).slice(0, most);
    for (const target of targets) {
      this.steps.push(await this.rollBack(target, this.states.get(target)));
      this.look();
    }
    return targets.length;
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[this.random(from.length)];
  }

  private write(): string {
    const path = this.pick(['root/written', 'www/written', 'data/written', 'etc/written']) ?? 'root/written';
    this.jail.write(path, `${this.count}\n`);
    return `write ${path}`;
  }

  private snapshot(): string {
    const name = `f${this.count}`;
    const whole = this.random(3) > 0;
    const dataset = whole ? this.jail.dataset : `${this.jail.dataset}/www`;
    zfs('snapshot', ...(whole ? ['-r'] : []), `${dataset}@${name}`);
    if (whole) this.states.set(`@${name}`, this.jail.fingerprint());
    const taken = whole ? [dataset, `${dataset}/www`, `${dataset}/data`] : [dataset];
    const claimed = taken.map((one) => `${one}@${name}`);
    this.snapshots.push(`${dataset}@${name}`);
    if (bookmarks && this.random(2) === 0) {
      zfs('bookmark', `${dataset}@${name}`, `${dataset}#${name}`);
      claimed.push(`${dataset}#${name}`);
    }
    this.claim(...claimed);
    return `snapshot ${dataset}@${name}`;
  }

  private cloneOrHold(): string {
    const snapshot = this.whereIs(this.pick(this.snapshots));
    if (snapshot === undefined) return 'nothing to clone';
    if (this.random(2) === 0) {
      // One that is held already says so.
      zfsCan('hold', theirHold, snapshot);
      return `hold ${snapshot}`;
    }
    const clone = `${this.jail.dataset.split('/')[0]}/clone-${this.jail.name}-${this.count}`;
    zfs('clone', '-o', 'mountpoint=none', snapshot, clone);
    this.claim(clone);
    return `clone ${snapshot} ${clone}`;
  }

  /** A snapshot of others moves with the tree that it belongs to. */
  private whereIs(snapshot: string | undefined): string | undefined {
    const guid = snapshot === undefined ? undefined : this.foreign.get(snapshot);
    return [...this.there].find(([, other]) => other === guid)?.[0];
  }

  private child(): string {
    const name = `${this.jail.dataset}/k${this.count}`;
    zfs('create', name);
    this.jail.write(`k${this.count}/file`, 'x');
    this.claim(name);
    return `create ${name}`;
  }

  private claim(...names: string[]): void {
    this.claimed.push(...names);
  }

  private async change(what: Pick<ChangeRequest, 'verb' | 'words'>): Promise<string> {
    const before = this.jail.fingerprint();
    const ending = await this.attempt(() =>
      change(this.context, { ...plainChange, ...what, jail: this.jail.name }),
    );
    const deed = `${what.verb} ${what.words.join(' ')}: ${ending instanceof JtxError ? ending.code : ending.state}`;
    if (ending instanceof JtxError || ending.state !== 'committed') this.unchanged(before, deed);
    else this.remember(ending.id, before);
    return deed;
  }

  private async back(): Promise<string> {
    const target = this.pick(
      [...this.targets, ...this.states.keys()].filter((name) => this.states.has(name)),
    );
    return target === undefined ? 'nothing to go back to' : this.rollBack(target, this.states.get(target));
  }

  private async rollBack(target: string, state: string | undefined): Promise<string> {
    const before = this.jail.fingerprint();
    const ending = await this.attempt(() =>
      rollback(this.context, {
        jail: this.jail.name,
        to: this.named(target),
        planOnly: false,
        onData: 'aside',
      }),
    );
    const deed = `rollback ${target}: ${ending instanceof JtxError ? ending.code : ending.state}`;
    if (ending instanceof JtxError || ending.state !== 'committed') {
      this.violations.push(`${deed}: ${ending.message}`);
      this.unchanged(before, deed);
    } else {
      if (this.jail.fingerprint() !== state) this.violations.push(`${deed}, but not what was there`);
      if (this.rollbacks.has(target)) {
        this.targets = this.targets.filter((other) => other !== target);
        this.states.delete(target);
      }
      this.rollbacks.add(ending.id);
      this.remember(ending.id, before);
    }
    return deed;
  }

  /** A snapshot of the whole tree is named by where it lies now. */
  private named(target: string): string {
    if (!target.startsWith('@')) return target;
    return this.whereIs(`${this.jail.dataset}${target}`) ?? target;
  }

  private remember(id: string, before: string): void {
    this.states.set(id, before);
    this.targets.push(id);
  }

  private unchanged(before: string, deed: string): void {
    if (this.jail.fingerprint() !== before) this.violations.push(`${deed} changed the jail`);
  }

  private async attempt(action: () => Promise<Ending>): Promise<Ending | JtxError> {
    const data = this.jail.data();
    try {
      const ending = await action();
      if (ending.state === 'stuck') this.violations.push(`stuck: ${ending.message}`);
      return ending;
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      if (error.outcome !== 'refused') this.violations.push(`${error.code}: ${error.message}`);
      return error;
    } finally {
      if (this.jail.data() !== data) this.violations.push('data that never goes back has changed');
    }
  }

  /** What is claimed is there, and nothing foreign may have disappeared. */
  private look(): void {
    this.there = guids();
    for (const name of this.claimed) this.foreign.set(name, this.there.get(name) ?? 'none');
    this.claimed = [];
    const left = new Set(this.there.values());
    for (const [name, guid] of this.foreign)
      if (!left.has(guid)) this.violations.push(`${name} has disappeared after ${this.steps.at(-1)}`);
  }
}
