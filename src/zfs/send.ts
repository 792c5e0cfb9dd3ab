import { refused } from '../error.ts';
import { type Command, complaint, type Finished, type Run } from '../host/run.ts';
import { datasetName } from './names.ts';

/** What this zfs(8) can do beyond what the oldest can. */
export interface Abilities {
  /** Raw and resumable streams, bookmarks, progress, properties given to a receive. */
  modern: boolean;
}

/** What zfs(8) is asked for its {@link Abilities}. */
export const versionCommand: Command = ['zfs', 'version'];

/** What the answer to {@link versionCommand} tells; undefined where it failed. The oldest does not know the command. */
export function abilitiesOf({ status, stderr }: Finished): Abilities | undefined {
  if (status === 0) return { modern: true };
  return /unrecognized command/.test(stderr) ? { modern: false } : undefined;
}

/** Asks once. Throws `command-failed`. */
export async function askAbilities(run: Run): Promise<Abilities> {
  const asked = await run(versionCommand);
  const abilities = abilitiesOf(asked);
  if (abilities) return abilities;
  throw refused('command-failed', `${versionCommand.join(' ')}: ${complaint(asked)}`);
}

/** A snapshot that is to be sent. */
export interface Sent {
  dataset: string;
  snapshot: string;
  /** Begins with `@` or `#`; undefined sends it whole. */
  base: string | undefined;
  /** Encrypted as it lies on its disks: whoever has it needs its own key, and no other. */
  raw: boolean;
}

/** Throws `target-blocked` where an encrypted dataset could only be sent in the clear. */
export function requireRaw({ modern }: Abilities, { dataset, raw }: Pick<Sent, 'dataset' | 'raw'>): void {
  if (modern || !raw) return;
  throw refused(
    'target-blocked',
    `${dataset} is encrypted, and the zfs(8) of one side is too old to send or receive it so`,
    `Update that, or leave it out: zfs set jtx:backup=off ${dataset}.`,
  );
}

/**
 * Sends a snapshot. Of what is not encrypted blocks go as they are too, large and compressed, but for those that lie
 * within the pointers to them: raw streams have these, and what is to encrypt them refuses such a stream.
 * Throws `target-blocked`.
 */
export function sendCommand(abilities: Abilities, { dataset, snapshot, base, raw }: Sent): Command {
  requireRaw(abilities, { dataset, raw });
  const options = abilities.modern ? [raw ? '-vPw' : '-vPLc'] : [];
  const from = base === undefined ? [] : ['-i', base.startsWith('#') ? `${dataset}${base}` : base];
  return ['zfs', 'send', ...options, ...from, `${datasetName(dataset)}@${snapshot}`];
}

/** Goes on with what was interrupted. */
export function resumeCommand(token: string): Command {
  return ['zfs', 'send', '-vP', '-t', token];
}

/** Receives a stream into a dataset, which is not mounted; what has come is kept when it is interrupted. */
export function receiveCommand(
  { modern }: Abilities,
  dataset: string,
  properties: readonly string[] = [],
): Command {
  const given = modern ? ['-s', ...properties.flatMap((setting) => ['-o', setting])] : [];
  return ['zfs', 'receive', '-v', ...given, '-u', datasetName(dataset)];
}

/** Bytes of the streams that `zfs receive -v` says it has received, to three digits: `received 2.41MB stream in 1 seconds`. */
export function receivedBytes(said: string): number {
  let bytes = 0;
  for (const [, number, unit = ''] of said.matchAll(/received ([\d.]+)([KMGTPE]?)B? stream/g))
    bytes += Math.round(Number(number) * 1024 ** ' KMGTPE'.indexOf(unit || ' '));
  return bytes;
}

/** Bytes: what `zfs send -vP` says it will send and has sent. */
export interface SendProgress {
  total: number | undefined;
  sent: number;
}

/**
 * Follows what `zfs send -vP` writes to standard error: `size N`, then `HH:MM:SS N snapshot` each second. Tells the
 * snapshot too (dataset@snapshot) once something of it was sent.
 */
export function followSend(
  tell: (progress: SendProgress, snapshot: string | undefined) => void,
): (chunk: string) => void {
  const progress: SendProgress = { total: undefined, sent: 0 };
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [first = '', second = '', snapshot] = line.split('\t');
      if (first === 'size') progress.total = Number(second);
      else if (/^\d\d:\d\d:\d\d$/.test(first)) progress.sent = Number(second);
      else continue;
      tell({ ...progress }, first === 'size' ? undefined : snapshot);
    }
  };
}
