import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backUp } from '../../src/backup/back-up.ts';
import { backupTime } from '../../src/backup/names.ts';
import { prune } from '../../src/backup/prune.ts';
import { decide, type Point } from '../../src/backup/retention.ts';
import { JtxError } from '../../src/error.ts';
import { change } from '../../src/transaction/change.ts';
import type { Context } from '../../src/transaction/context.ts';
import type { Ending } from '../../src/transaction/ending.ts';
import { plainChange } from '../../src/transaction/request.ts';
import { rollback } from '../../src/transaction/rollback.ts';
import { manifestOf } from '../lab/manifest.ts';
import { backupsOn, RestoredJail } from '../lab/restored.ts';
import type { Random } from '../sequences/model.ts';
import { zfs, zfsCan } from '../sequences/world.ts';

/** What came of the nights. */
export interface YearResult {
  nights: number;
  missed: number;
  rollbacks: number;
  backups: number;
  restored: number;
  violations: string[];
}

const pool = process.env['LAB_POOL'] ?? '';
const day = 86_400_000;

/** The targets, in the order of the configuration. */
export const targets = ['disk', 'files'] as const;
type Target = (typeof targets)[number];

/** The place of each target. */
export const places: Readonly<Record<Target, string>> = {
  disk: `${pool}/backups`,
  files: join(process.env['LAB'] ?? '', 'files'),
};

/** Makes an empty place, in place of any that was there. */
export function freshPlace(target: Target): void {
  if (target === 'files') {
    rmSync(places.files, { recursive: true, force: true });
    mkdirSync(places.files);
  } else {
    zfsCan('destroy', '-r', places.disk);
    zfs('create', '-o', 'mountpoint=none', places.disk);
  }
}

/**
 * A jail, night after night, by a clock that is set: changes, transactions, rollbacks, children that come and go, nights
 * that are missed, a target that is lost. What each backup has to bring back is remembered.
 */
export class Year {
  readonly result: YearResult = {
    nights: 0,
    missed: 0,
    rollbacks: 0,
    backups: 0,
    restored: 0,
    violations: [],
  };
  /** By backup: the jail's manifest. */
  private readonly states = new Map<string, string>();
  /** What each target has had, as far as it is known. */
  private readonly known = new Map<Target, Set<string>>(targets.map((target) => [target, new Set()]));
  private committed: string[] = [];
  private children: string[] = [];
  private readonly context: Context;
  private readonly jail: { name: string; dataset: string; root: string };
  private readonly random: Random;
  private readonly lostOn: number;

  constructor(context: Context, jail: Year['jail'], random: Random, nights: number) {
    this.context = context;
    this.jail = jail;
    this.random = random;
    this.lostOn = Math.floor(nights / 2);
  }

  /** One day and its night, which begins at a time. */
  async night(number: number, time: number): Promise<void> {
    setClock(time - day / 2);
    if (number === this.lostOn) {
      const lost = targets[this.random(targets.length)] ?? 'disk';
      freshPlace(lost);
      this.known.set(lost, new Set());
    }
    await this.oneDay(number);
    if (this.random(10) === 0) {
      this.result.missed += 1;
      return;
    }
    setClock(time);
    this.result.nights += 1;
    const before = manifestOf(this.jail.root);
    const { results } = await backUp(this.context, { jails: [this.jail.name], targets: [] });
    for (const { target, state, point, message } of results) {
      if (state === 'failed' || point === null)
        this.violation(number, `${target}: ${state} ${message ?? ''}`);
      else {
        if (!this.states.has(point)) this.states.set(point, before);
        else if (this.states.get(point) !== before)
          this.violation(number, `${target} says that ${point} is it`);
        this.known.get(target === 'files' ? 'files' : 'disk')?.add(point);
      }
    }
    this.result.backups += results.filter(({ state }) => state === 'sent').length;
    await this.pruneAll(number);
  }

  /** Every backup that is kept is restored, and is what it was made from. */
  async restoreAll(): Promise<void> {
    for (const target of targets) {
      const jail = new RestoredJail(target, this.jail.name);
      for (const backup of await backupsOn(target, this.jail.name)) {
        const restored = await jail.at(backup);
        this.result.restored += 1;
        if (restored.trimEnd() !== this.states.get(backup)?.trimEnd())
          this.violation(-1, `${target} has another state at ${backup}`);
      }
      jail.destroy();
    }
  }

  private async oneDay(number: number): Promise<void> {
    for (let left = this.random(3); left > 0; left -= 1) this.write(number, left);
    if (this.random(25) === 0) this.child(number);
    if (this.random(20) === 0) {
      const words = ['sh', '-c', `echo ${number} > /root/changed`];
      const ending = await this.attempt(number, () =>
        change(this.context, { ...plainChange, verb: 'run', words, jail: this.jail.name }),
      );
      if (ending?.state === 'committed') this.committed.push(ending.id);
    }
    if (this.committed.length > 0 && this.random(25) === 0) {
      const to = this.committed.at(-1);
      const ending = await this.attempt(number, () =>
        rollback(this.context, { jail: this.jail.name, to, planOnly: false, onData: 'aside' }),
      );
      if (ending?.state === 'committed') {
        this.result.rollbacks += 1;
        this.committed = [];
        // Children made since are with what was set aside.
        this.children = [];
      }
    }
  }

  private write(number: number, left: number): void {
    const below = ['root', 'etc', 'www', ...this.children][this.random(3 + this.children.length)] ?? 'root';
    writeFileSync(join(this.jail.root, below, `file${this.random(20)}`), `${number} ${left}\n`.repeat(50));
  }

  private child(number: number): void {
    const [first] = this.children;
    if (first !== undefined && this.random(2) === 0) {
      // A base that an old zfs holds keeps a dataset from being destroyed.
      if (zfsCan('destroy', '-r', `${this.jail.dataset}/${first}`)) this.children.shift();
      return;
    }
    const name = `k${number}`;
    zfs('create', `${this.jail.dataset}/${name}`);
    this.children.push(name);
  }

  private async attempt(number: number, action: () => Promise<Ending>): Promise<Ending | undefined> {
    try {
      const ending = await action();
      if (ending.state !== 'committed') this.violation(number, `${ending.state}: ${ending.message}`);
      return ending;
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      this.violation(number, `${error.code}: ${error.message}`);
      return undefined;
    }
  }

  /** Prunes; what the retention keeps of the known backups must be there still, and the newest in any case. */
  private async pruneAll(number: number): Promise<void> {
    // The backup itself took its time.
    const now = Date.now();
    const due = new Map<Target, string[]>();
    for (const { name, keep } of this.context.config.backup.places) {
      const target = name === 'files' ? 'files' : 'disk';
      const points = [...(this.known.get(target) ?? [])].sort().map((id) => pointOf(id));
      const decisions = keep === undefined ? [] : decide(points, keep, now);
      due.set(
        target,
        decisions.filter(({ standing }) => standing !== 'goes').map(({ point }) => point.id),
      );
    }
    const { failures } = await prune(this.context, { jails: [this.jail.name], targets: [], planOnly: false });
    for (const { error } of failures) this.violation(number, `prune: ${error.message}`);
    for (const target of targets) {
      const there = await backupsOn(target, this.jail.name);
      for (const id of due.get(target) ?? [])
        if (!there.includes(id)) this.violation(number, `${target} has lost ${id}`);
      this.known.set(target, new Set(there));
    }
  }

  private violation(number: number, text: string): void {
    this.result.violations.push(`night ${number}: ${text}`);
  }
}

function pointOf(id: string): Point {
  return { id, time: backupTime(id), transaction: undefined, pinned: undefined };
}

const realNow = Date.now.bind(Date);

/** From now on it is this time, and goes on from there. */
function setClock(time: number): void {
  const offset = time - realNow();
  Date.now = () => realNow() + offset;
}
