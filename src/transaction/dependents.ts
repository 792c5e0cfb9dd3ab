import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/settings.ts';
import { JtxError, messageOf } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import type { Run } from '../host/run.ts';
import { listConfigured } from '../jail/configured.ts';
import { runs, startJail, stopJail } from '../jail/control.ts';
import { dependentsOf } from '../jail/dependents.ts';
import type { ManagedJail } from '../jail/manager.ts';
import type { Context } from './context.ts';
import { alsoNotStarted } from './ending.ts';
import { lockDirectory } from './lock-directory.ts';
import type { TransactionRecord } from './record.ts';

const pause = 1_000;

/**
 * The running jails that jail(8) takes down with a jail, as they depend on it, in the order in which they start again. Throws
 * `jail-conf-invalid`, `command-failed`.
 */
export async function findDependents(run: Run, config: Config, jail: ManagedJail): Promise<ManagedJail[]> {
  // jail(8) knows dependences of its own configuration only.
  if (!jail.configured) return [];
  const found: ManagedJail[] = [];
  for (const { name, path } of dependentsOf(
    jail.name,
    (await listConfigured(run, config.jailConf)).configured,
  )) {
    const dependent = { name, root: realPath(path), configured: true };
    if (await runs(run, dependent)) found.push(dependent);
  }
  return found;
}

/** Requires that none of them is being changed: to be asked before a transaction begins that stops them. Throws `jail-busy`. */
export function requireUnchanged(config: Config, jail: string, dependents: readonly ManagedJail[]): void {
  for (const { name, root } of dependents)
    explained(jail, name, () => lockRoot(lockDirectory(config), root, name)).release();
}

/** What a person should know before a jail is stopped, or may be. */
export function dependentsNotes(
  jail: string,
  dependents: readonly ManagedJail[],
  whether: 'it is stopped' | 'only where it fails',
): string[] {
  if (dependents.length === 0) return [];
  const names = dependents.map(({ name }) => name).join(', ');
  const begin = whether === 'it is stopped' ? 'With' : 'Where it fails, with';
  return [`${begin} ${jail} these go down, as they depend on it, and are started again after it: ${names}.`];
}

/** How a jail is stopped. */
export interface Stop {
  /** What a person should know is added to them. */
  notes: string[];
  /** Milliseconds for which a change of one that depends on it is waited for. */
  patience: number;
}

/**
 * Stops a jail, and with it those that depend on it: they are locked until the record lets go of them, and it is durable
 * before that they are to be started again. What a person should know goes to the notes. Throws `jail-busy`, and as
 * {@link stopJail}: then they are started again.
 */
export async function stopWithDependents(
  context: Pick<Context, 'config' | 'progress'>,
  record: TransactionRecord,
  jail: ManagedJail,
  { notes, patience }: Stop,
): Promise<void> {
  const { config } = context;
  const found = await findDependents(record.run, config, jail);
  for (const dependent of found) await lockPatiently(context, record, jail.name, dependent, patience);
  if (found.length > 0) {
    const told = dependentsNotes(jail.name, found, 'it is stopped');
    notes.push(...told);
    for (const note of told) context.progress.note(note);
    remember(record, found, told);
  }
  try {
    await stopJail(record.run, jail, config);
  } catch (error) {
    await startDependents(record, config, jail);
    throw error;
  }
}

function remember(record: TransactionRecord, found: readonly ManagedJail[], told: readonly string[]): void {
  const names = found.map(({ name }) => name);
  // Where it was stopped before, by a run that was cut off, they may be down already.
  record.dependents = [...names, ...record.dependents.filter((name) => !names.includes(name))];
  record.write((journal) => journal.remark(record.id, told.join('; ')));
}

/**
 * Starts those again that went down with a jail, where it runs itself: else jail(8) would start it for them. Gives what did
 * not succeed, in words; it stays to be done. Throws `command-failed`, `jls-unreadable`.
 */
export async function startDependents(
  record: TransactionRecord,
  config: Config,
  jail: ManagedJail,
): Promise<string[]> {
  const { dependents } = record;
  if (dependents.length === 0) return [];
  if (!(await runs(record.run, jail)))
    return dependents.map(
      (name) => `${alsoNotStarted(name)}: it depends on ${jail.name}, which does not run`,
    );
  const warnings: string[] = [];
  const left: string[] = [];
  for (const name of dependents) {
    try {
      await startDependent(record, config, jail, name);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      left.push(name);
      warnings.push(`${alsoNotStarted(name)}: ${error.message}`);
    }
  }
  if (left.length < dependents.length) record.dependents = left;
  return warnings;
}

async function startDependent(
  record: TransactionRecord,
  config: Config,
  jail: ManagedJail,
  name: string,
): Promise<void> {
  const { configured, broken } = await listConfigured(record.run, config.jailConf);
  const entry = configured.find((one) => one.name === name);
  const unreadable = broken.find((one) => one.name === name);
  if (unreadable) throw unreadable.error;
  // Whoever took it out of the configuration does not want it.
  if (!entry) return;
  const dependent = { name, root: realPath(entry.path), configured: true };
  explained(jail.name, name, () => record.lock(lockDirectory(config), dependent));
  await startJail(record.run, dependent, config);
}

async function lockPatiently(
  { config, progress }: Pick<Context, 'config' | 'progress'>,
  record: TransactionRecord,
  jail: string,
  dependent: ManagedJail,
  patience: number,
): Promise<void> {
  let waiting = false;
  for (const until = Date.now() + patience; ; ) {
    try {
      return explained(jail, dependent.name, () => record.lock(lockDirectory(config), dependent));
    } catch (error) {
      if (!(error instanceof JtxError && error.outcome === 'busy') || Date.now() >= until) throw error;
      if (!waiting) progress.note(`${error.message}; waiting`);
      waiting = true;
    }
    await sleep(pause);
  }
}

function explained<T>(jail: string, dependent: string, lock: () => T): T {
  try {
    return lock();
  } catch (error) {
    if (!(error instanceof JtxError && error.outcome === 'busy')) throw error;
    throw new JtxError({
      code: error.code,
      outcome: 'busy',
      message: `${dependent} depends on ${jail}, and goes down with it: ${messageOf(error)}`,
      state: 'Nothing was changed by this run.',
      hint: `Wait until it has ended: jtx status ${dependent} shows it.`,
      cause: error,
    });
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
