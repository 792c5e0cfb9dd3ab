import { decodeTime } from 'ulid';
import type { JailAside } from '../transaction/jail-asides.ts';
import { safeLine } from './safe-text.ts';
import { size } from './size.ts';
import { type Look, table } from './table.ts';
import { absoluteTime, relativeTime } from './time.ts';

/** What `jtx aside list` prints: one tree that was set aside a line. */
export async function asideTable(asides: readonly JailAside[], now: number, look: Look): Promise<string> {
  return table(
    ['TRANSACTION', 'WHEN', 'JAIL', 'USED', 'DATASET'],
    asides.map(({ transaction, jail, used, name }) => [
      { text: transaction },
      { text: relativeTime(decodeTime(transaction), now), paint: look.colour.dim },
      { text: jail },
      { text: size(used) },
      { text: name },
    ]),
    look,
  );
}

/** What `jtx aside show` prints: what it is, and the commands to look into it. */
export function asideText(aside: JailAside, now: number): string {
  const { transaction, jail, name, dataset, used, origin, members } = aside;
  const at = decodeTime(transaction);
  const unmounted = members.filter((member) => !member.mounted && member.mountpoint.startsWith('/'));
  return [
    `dataset      ${name}`,
    `jail         ${safeLine(jail)}`,
    `was          ${dataset}, until ${absoluteTime(at)} (${relativeTime(at, now)})`,
    `set aside by ${transaction}`,
    ...(origin === undefined ? [] : [`in its place ${origin}`]),
    `used         ${size(used)}`,
    '',
    'Its file systems, which take no writes:',
    ...members.map(
      (member) => `  ${member.name}${member.mounted ? `, mounted at ${safeLine(member.mountpoint)}` : ''}`,
    ),
    ...(unmounted.length === 0
      ? []
      : [
          'To look into it:',
          ...unmounted.map((member) => `  zfs mount ${member.name}    # ${safeLine(member.mountpoint)}`),
        ]),
    'To bring it back in the place of what is there now, or to destroy it:',
    `  jtx rollback ${safeLine(jail)} ${transaction}`,
    `  jtx aside drop ${transaction}`,
  ].join('\n');
}

/** A tree that was set aside, for scripts. */
export function asideJson({
  transaction,
  jail,
  name,
  dataset,
  used,
  origin,
  members,
}: JailAside): Record<string, unknown> {
  const at = new Date(decodeTime(transaction)).toISOString();
  return { transaction, at, jail, dataset, name, used, origin: origin ?? null, members };
}
