import type { Stored } from '../zfs/inventory.ts';
import { type Copy, newestOf } from './copy.ts';
import { copyName } from './names.ts';
import { canTakeOver } from './own-copy.ts';

/** One dataset of a jail as it is now. */
export interface MemberNow {
  source: Stored;
  description: { jail: string; path: string; host: string };
}

/** The copies of what a jail has no more, those of them that count as its own until now. Pure. */
export function lostCopies(copies: readonly Copy[], members: readonly MemberNow[]): Copy[] {
  const paths = new Set(members.map(({ description }) => description.path));
  return liveCopies(copies, members).filter(({ gone, path }) => gone === undefined && !paths.has(path));
}

/**
 * Whether something of a jail came later than its own dataset, which is always the last to be sent: then a backup was cut
 * off before that, and what has come of it is in none that is complete. Pure.
 */
export function isCutOff(copies: readonly Copy[], members: readonly MemberNow[]): boolean {
  const live = liveCopies(copies, members);
  const whole = live.filter(({ path }) => path === '');
  return (newestOf(live) ?? '') > (newestOf(whole) ?? '');
}

/** Those with which a jail goes on. Not those of a jail of the same name that another host keeps on this target. */
function liveCopies(copies: readonly Copy[], [top]: readonly MemberNow[]): Copy[] {
  if (!top) return [];
  const { jail, host } = top.description;
  const whole = copies.find(({ name }) => name === copyName(jail, ''));
  // A host that has got another name goes on with what it has.
  const hosts = [host, ...(whole && canTakeOver(whole, top.source) ? [whole.host] : [])];
  return copies.filter(
    (copy) => copy.jail === jail && hosts.includes(copy.host) && copy.name === copyName(jail, copy.path),
  );
}
