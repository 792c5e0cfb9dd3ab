import type { BackupTurn } from '../journal/backups.ts';

/**
 * Those first whose last turn to be proved is longest ago, or that never had one: one that cannot be proved keeps no other
 * from its turn. Pure.
 */
export function inTurn<T extends { jail: string; target: { name: string } }>(
  candidates: readonly T[],
  turns: readonly BackupTurn[],
  now: number,
): T[] {
  const known = new Map(turns.map(({ jail, target, at }) => [`${jail} ${target}`, at]));
  const last = ({ jail, target }: T): number => {
    const at = known.get(`${jail} ${target.name}`) ?? 0;
    // A clock that ran ahead would keep it from its turn for as long.
    return at > now ? 0 : at;
  };
  return candidates.toSorted((one, other) => last(one) - last(other));
}
