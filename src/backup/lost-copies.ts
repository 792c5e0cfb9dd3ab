import type { Stored } from '../zfs/inventory.ts';
import type { Copy } from './copy.ts';
import { copyName } from './names.ts';
import { isRelated } from './own-copy.ts';

/** One dataset of a jail as it is now. */
export interface MemberNow {
  source: Stored;
  description: { jail: string; path: string; host: string };
}

/**
 * The copies of what a jail has no more, those of them that count as its own until now. Not those of a jail of the same
 * name that another host keeps on this target. Pure.
 */
export function lostCopies(copies: readonly Copy[], members: readonly MemberNow[]): Copy[] {
  const [top] = members;
  if (!top) return [];
  const { jail, host } = top.description;
  const paths = new Set(members.map(({ description }) => description.path));
  const whole = copies.find(({ name }) => name === copyName(jail, ''));
  // A host that has got another name goes on with what it has.
  const hosts = [host, ...(whole && isRelated(whole, top.source) ? [whole.host] : [])];
  return copies.filter(
    (copy) =>
      copy.jail === jail &&
      copy.gone === undefined &&
      hosts.includes(copy.host) &&
      copy.name === copyName(jail, copy.path) &&
      !paths.has(copy.path),
  );
}
