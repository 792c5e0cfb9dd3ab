import { statSync } from 'node:fs';
import { join } from 'node:path';
import { JtxError } from '../error.ts';
import { requireDirectory } from '../host/inside-root.ts';
import { mountBase, mountDevfs } from '../host/mounts.ts';
import { requireNoWayOut } from '../host/root-links.ts';
import type { Run } from '../host/run.ts';
import type { Kernel } from '../jail/abi.ts';
import type { Step } from '../journal/rows.ts';
import { type PkgSettings, pkgEnvironment, resolvePkg } from '../pkg/command.ts';
import { readOwners } from '../pkg/database.ts';
import { type EventReceiver, listenForEvents } from '../pkg/event-socket.ts';
import { nameserverFor } from '../pkg/resolver.ts';
import { type Approach, approach } from './approach.ts';
import type { Attempt } from './attempt.ts';
import type { Context } from './context.ts';
import { type LeftOut, leftOutInWords } from './left-out.ts';
import { isThin, needsDevfs } from './preflight.ts';
import type { TransactionRecord } from './record.ts';
import type { ChangeRequest } from './request.ts';
import { makeScratch, scratchPath } from './scratch.ts';
import type { Subject } from './subject.ts';

/** A jail made ready for a change: devfs mounted, the event socket open, pkg's settings known. */
export interface Session {
  context: Context;
  record: TransactionRecord;
  subject: Subject;
  /** It is a rehearsal on a clone: its steps are not those of the transaction. */
  rehearsing: boolean;
  settings: PkgSettings;
  /** Which package owned each file before the change; empty where it is only planned. */
  ownersBefore: ReadonlyMap<string, string>;
  /** The host's. */
  kernel: Kernel;
  /** Of pkg, and so of package scripts. */
  environment: Record<string, string>;
  /** Listens to the next pkg run's events. */
  onEvents: (listener: ((text: string) => void) | undefined) => void;
  /** Resolves when every event that a pkg which has ended wrote has been heard. */
  drained(): Promise<void>;
  /** What is left out so far. */
  leftOut: readonly LeftOut[];
  /** Leaves a part of the transaction out: that is told, journalled, and given to scripts. */
  leaveOut(leftOut: LeftOut): void;
  close(): Promise<void>;
}

/**
 * Makes a jail, or the clone on which it is rehearsed, ready. What it does inside the root is undone by a revert or
 * by tidying up; what it mounts there is told to the attempt.
 */
export async function openSession(
  attempt: Attempt,
  subject: Subject,
  request: ChangeRequest,
  known: Approach | undefined,
): Promise<Session> {
  const { context, record, mounted, rehearsal } = attempt;
  const { root } = subject.jail;
  const rehearsing = subject === rehearsal?.subject;
  // All that can be refused comes before the socket: one that is left open would keep jtx from ending.
  const pkg = resolvePkg(context.config.pkg, context.environment['PATH'] ?? '');
  const nameserver = request.rootdir ? undefined : nameserverFor(root, context.config.resolvConf);
  // What lies in a clone goes with the clone.
  const note = (node: string): void => {
    if (!rehearsing) mounted.push(node);
  };
  if (isThin(subject)) await mountBases(record.run, subject, note);
  const { abi, osversion, kernel, scripts, leftOut, notes } =
    known ?? (await approach(context, record.run, root, request));
  tell(attempt, notes);
  for (const part of leftOut) leaveOut(attempt, part);
  if (request.rootdir) requireNoWayOut(root);
  // A jail that runs could swap the place of a mount.
  if (needsDevfs(subject, request) && subject.jail.running === undefined) {
    const dev = join(root, 'dev');
    // What was cloned can be another than the one that was looked at.
    requireDirectory(root, 'dev');
    note(dev);
    await mountDevfs(record.run, dev, context.config.devfsRuleset);
  }
  const ownersBefore = request.planOnly ? new Map<string, string>() : await readOwners(root);
  const scratch = scratchPath(record.id);
  makeScratch(root, scratch, request.files);
  let listener: ((text: string) => void) | undefined;
  const socket: EventReceiver = await listenForEvents(root, scratch, (text) => listener?.(text));
  return {
    context,
    record,
    subject,
    rehearsing,
    ownersBefore,
    kernel,
    environment: pkgEnvironment(context.environment),
    settings: {
      pkg,
      root,
      scratch,
      abi,
      osversion,
      rootdir: request.rootdir,
      scripts,
      options: request.options,
      repositories: request.files.repoConfDir !== undefined,
      ...(nameserver === undefined ? {} : { nameserver }),
    },
    onEvents(next) {
      listener = next;
    },
    drained: () => socket.drained(),
    leftOut: attempt.leftOut,
    leaveOut: (leftOut) => leaveOut(attempt, leftOut),
    close: () => socket.close(),
  };
}

/** Keeps what a person should know of a jail for the ending, and in the journal; of a rehearsed change it is told once. */
function tell(attempt: Attempt, notes: readonly string[]): void {
  const fresh = notes.filter((note) => !attempt.notes.includes(note));
  if (fresh.length === 0) return;
  attempt.notes.push(...fresh);
  attempt.record.write((journal) => journal.remark(attempt.record.id, fresh.join('; ')));
}

function leaveOut(attempt: Attempt, leftOut: LeftOut): void {
  if (attempt.leftOut.some(({ part }) => part === leftOut.part)) return;
  attempt.leftOut.push(leftOut);
  tell(attempt, [leftOutInWords(leftOut)]);
}

/** Mounts the directories that a thin jail has in its root while it runs, in places that no link leads to. */
async function mountBases(run: Run, { jail, mounts }: Subject, note: (node: string) => void): Promise<void> {
  for (const { special, path } of jail.bases) {
    const node = join(jail.root, path);
    if (mounts.some((mount) => mount.node === node) || isSingleFile(special)) continue;
    requireDirectory(jail.root, path);
    note(node);
    await mountBase(run, special, node);
  }
}

/** Whether nullfs(5) has a file there, as it can since FreeBSD 14: a jail's own has to do in its place. */
function isSingleFile(special: string): boolean {
  return statSync(special, { throwIfNoEntry: false })?.isDirectory() === false;
}

/** Enters a step and shows it; a rehearsal's steps are only shown. Throws `interrupted`. */
export function enter(
  { context, record, rehearsing }: Session,
  step: Step,
  shown: string,
  detail?: string,
): void {
  requireGoing(context);
  if (!rehearsing) record.write((journal) => journal.enter(record.id, step));
  context.progress.step(shown, detail);
}

/** Throws `interrupted` once a person or the system has asked jtx to stop. */
export function requireGoing(context: Context): void {
  if (!context.interrupt.aborted) return;
  throw new JtxError({
    code: 'interrupted',
    outcome: 'rolled-back',
    message: 'interrupted by a signal',
    state: 'The jail is as before.',
    signal: Number(context.interrupt.reason),
  });
}
