import { type Copy, type CopyPoint, completeBackups, membersAt } from './copy.ts';
import { backupOf, backupTime, copyName } from './names.ts';
import type { Retention } from './retention-grammar.ts';
import { judge, transactionsAfter, type Verdict } from './verdict.ts';

/** Whose backups are decided on, and by what. */
export interface CopiesRule {
  jail: string;
  /** This host: what another makes is foreign. */
  host: string;
  retention: Retention | undefined;
  /** Committed transactions of the jail, oldest first. */
  transactions: readonly string[];
  now: number;
}

/** What becomes of a jail's copies on a target. */
export interface CopiesPlan {
  /** The complete backups, newest first. */
  backups: Verdict[];
  /** What goes, in this order: the jail's own dataset first, so that no backup looks complete that is not. */
  work: { copy: Copy; points: CopyPoint[] }[];
  /** Copies that hold nothing then, and that the jail goes on from no more. */
  drops: Copy[];
  /** copy@snapshot: what jtx did not make, or another host. */
  foreign: string[];
}

/**
 * Decides about the backups of a jail, each as a whole. What stays of a child is what a backup that stays refers to: its
 * state at a backup may have been sent with a much older one. Pure.
 */
export function planCopies(copies: readonly Copy[], rule: CopiesRule): CopiesPlan {
  const all = copies.filter(({ jail }) => jail === rule.jail);
  const own = all.filter(({ host }) => host === rule.host);
  const complete = completeBackups(all, rule.jail);
  const { kept, backups } = keptBackups(all, complete, rule);
  const configured = rule.retention !== undefined && rule.retention !== 'all';
  const needed = neededStates(all, rule.jail, kept);
  const newest = complete.at(-1);
  const goes = (copy: Copy): CopyPoint[] => {
    if (!configured || newest === undefined) return [];
    if (copy.path === '') return copy.points.filter((point) => isDead(point, kept));
    const stays = copy.points.filter((point) => childStays(copy, point, needed.get(copy) ?? empty, newest));
    const standing = withBases(copy, stays.flatMap(idOf));
    return copy.points.filter((point) => isDead(point, standing) && !stays.includes(point));
  };
  const work = [...own]
    .sort((one, other) => Number(one.path !== '') - Number(other.path !== ''))
    .map((copy) => ({ copy, points: goes(copy) }));
  const drops = work.filter(({ copy, points }) => isSpent(copy) && points.length === copy.points.length);
  return {
    backups,
    work: work.filter(({ points }) => points.length > 0),
    drops: configured && newest !== undefined ? drops.map(({ copy }) => copy) : [],
    foreign: foreignOf(all, rule.host),
  };
}

const empty: ReadonlySet<string> = new Set();

function keptBackups(all: readonly Copy[], complete: readonly string[], rule: CopiesRule) {
  const after = transactionsAfter(complete, rule.transactions);
  const points = complete.map((id) => ({
    id,
    time: backupTime(id),
    transaction: after.get(id),
    pinned: whyPinned(all, rule.host, id),
    snapshots: all.flatMap((copy) => copy.points.filter((point) => isOf(point, id)).map(nameIn(copy))),
  }));
  const judged = judge(points, rule.retention, rule.now);
  const tops = all.filter(({ path }) => path === '');
  const kept = new Set(judged.filter(({ goes }) => !goes).map(({ id }) => id));
  // One that others build upon stays to look at, so that what belongs to it must stay too.
  for (let before = -1; before < kept.size; ) {
    before = kept.size;
    for (const top of tops) for (const id of withBases(top, [...kept])) kept.add(id);
  }
  const backups = judged.map((verdict) =>
    verdict.goes && kept.has(verdict.id)
      ? { ...verdict, goes: false, reasons: ['others build upon it'] }
      : verdict,
  );
  return { kept, backups };
}

/** Why a backup stays as a whole: some point of its own cannot go, or must not. */
function whyPinned(all: readonly Copy[], host: string, id: string): string | undefined {
  for (const copy of all) {
    const top = copy.path === '';
    for (const point of copy.points.filter((one) => isOf(one, id))) {
      if (point.stays !== undefined) return point.stays;
      if (top && copy.host !== host) return `made by ${copy.host}`;
      if (top && isBase(copy, point)) return 'base of the next backup';
    }
  }
  return undefined;
}

/** By copy: the backups with which the states were sent that the kept ones refer to. */
function neededStates(
  all: readonly Copy[],
  jail: string,
  kept: ReadonlySet<string>,
): Map<Copy, ReadonlySet<string>> {
  const needed = new Map<Copy, Set<string>>();
  for (const backup of kept) {
    for (const { copy, point } of membersAt(all, jail, backup)) {
      const states = needed.get(copy) ?? new Set();
      needed.set(copy, states);
      for (const id of idOf(point)) states.add(id);
    }
  }
  return needed;
}

/** Of a child; what is newer than every complete backup may still become part of one. */
function childStays(copy: Copy, point: CopyPoint, needed: ReadonlySet<string>, newest: string): boolean {
  const id = backupOf(point.snapshot);
  return (
    id === undefined ||
    id > newest ||
    needed.has(id) ||
    point.stays !== undefined ||
    (isLive(copy) && isBase(copy, point))
  );
}

/** These backups and all that they build upon. */
function withBases({ points }: Copy, ids: readonly string[]): Set<string> {
  const bases = new Map(points.map((point) => [backupOf(point.snapshot), point.base]));
  const found = new Set<string>();
  for (const id of ids)
    for (let at: string | undefined = id; at !== undefined && !found.has(at); at = bases.get(at))
      found.add(at);
  return found;
}

function isDead({ snapshot }: CopyPoint, standing: ReadonlySet<string>): boolean {
  const id = backupOf(snapshot);
  return id !== undefined && !standing.has(id);
}

function isOf({ snapshot }: CopyPoint, id: string): boolean {
  return backupOf(snapshot) === id;
}

function idOf({ snapshot }: CopyPoint): string[] {
  const id = backupOf(snapshot);
  return id === undefined ? [] : [id];
}

/** The jail goes on from it. */
function isLive({ name, jail, path, gone }: Copy): boolean {
  return name === copyName(jail, path) && gone === undefined;
}

function isSpent(copy: Copy): boolean {
  return !isLive(copy) && copy.stays === undefined;
}

/** The next increment builds upon the newest. */
function isBase(copy: Copy, point: CopyPoint): boolean {
  const newest = copy.points.findLast(({ snapshot }) => backupOf(snapshot) !== undefined);
  return isLive(copy) && newest === point;
}

function foreignOf(all: readonly Copy[], host: string): string[] {
  return all.flatMap((copy) =>
    copy.host === host
      ? copy.points.filter(({ snapshot }) => backupOf(snapshot) === undefined).map(nameIn(copy))
      : [`${copy.name}, a backup of ${copy.host}`],
  );
}

function nameIn({ name }: Copy): (point: CopyPoint) => string {
  return ({ snapshot }) => `${name}@${snapshot}`;
}
