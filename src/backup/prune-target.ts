import type { BackupTarget } from './backup-target.ts';
import type { Copy, CopyPoint } from './copy.ts';
import { backupOf } from './names.ts';
import { type CopiesPlan, type CopiesRule, planCopies } from './prune-copies.ts';
import { type PrunedSeries, withRefusals } from './pruned.ts';

/**
 * Destroys what a jail's retention lets go on a target. What cannot go is found out on the way: then it is decided
 * again, so that what belongs to it stays as well. Throws `command-failed`, `target-failed`.
 */
export async function pruneTarget(
  target: BackupTarget,
  listed: readonly Copy[],
  rule: CopiesRule,
  interrupt: AbortSignal,
): Promise<PrunedSeries> {
  const planned = planCopies(listed, rule);
  const refused = new Map<string, string>();
  let copies = listed;
  for (let plan = planned; plan.work.length > 0; plan = planCopies(copies, rule)) {
    const [next] = plan.work;
    if (!next || interrupt.aborted) break;
    const kept = await target.destroy(next.copy, next.points);
    const why = new Map(kept.map((one) => [one.point, one.why]));
    for (const { point, why: reason } of kept) refused.set(backupOf(point.snapshot) ?? '', reason);
    copies = copies.map((copy) => (copy === next.copy ? without(copy, next.points, why) : copy));
  }
  if (!interrupt.aborted) await finish(target, copies, rule);
  const points = withRefusals(planned.backups, ({ id }) =>
    isComplete(copies, rule.jail, id) ? (refused.get(id) ?? 'interrupted') : undefined,
  );
  return { ...seriesOf(planned, target.name, rule.jail), points };
}

/** What a jail's retention would let go on a target. Pure. */
export function plannedTarget(target: string, copies: readonly Copy[], rule: CopiesRule): PrunedSeries {
  return seriesOf(planCopies(copies, rule), target, rule.jail);
}

function seriesOf({ backups, work, drops, foreign }: CopiesPlan, target: string, jail: string): PrunedSeries {
  const told = new Set(backups.filter(({ goes }) => goes).flatMap(({ snapshots }) => snapshots));
  const others = work
    .flatMap(({ copy, points }) => points.map(({ snapshot }) => `${copy.name}@${snapshot}`))
    .filter((name) => !told.has(name));
  const besides = [...others, ...drops.map(({ name }) => name)];
  return { jail, target, kind: 'backups', points: backups, besides, foreign };
}

function without(copy: Copy, points: readonly CopyPoint[], refused: ReadonlyMap<CopyPoint, string>): Copy {
  const left = copy.points.flatMap((point) => {
    if (!points.includes(point)) return [point];
    const stays = refused.get(point);
    return stays === undefined ? [] : [{ ...point, stays }];
  });
  return { ...copy, points: left };
}

/** What an earlier run has left half destroyed, and copies that hold nothing any more. */
async function finish(target: BackupTarget, copies: readonly Copy[], rule: CopiesRule): Promise<void> {
  const own = copies.filter(({ jail, host }) => jail === rule.jail && host === rule.host);
  for (const copy of own) await target.destroy(copy, []);
  for (const copy of planCopies(copies, rule).drops) if (copy.points.length === 0) await target.drop(copy);
}

function isComplete(copies: readonly Copy[], jail: string, id: string): boolean {
  return copies.some(
    (copy) =>
      copy.jail === jail && copy.path === '' && copy.points.some(({ snapshot }) => backupOf(snapshot) === id),
  );
}
