import { refused } from '../error.ts';
import { listMounts } from '../host/mounts.ts';
import { datasetOfSnapshot } from '../zfs/names.ts';
import { describeSnapshots, holdSnapshots, takeSnapshot } from '../zfs/snapshot.ts';
import type { Attempt } from './attempt.ts';
import { stopWithDependents } from './dependents.ts';
import { requireQuiet } from './processes.ts';
import type { ChangeRequest } from './request.ts';
import { requireGoing } from './session.ts';

/** Stops the jail where that was asked for, and takes and holds the snapshot: from here on nothing can be lost. */
export async function secure(attempt: Attempt, request: ChangeRequest): Promise<void> {
  if (attempt.restart && !attempt.live) await stop(attempt);
  if (!attempt.live) await requireQuiet(attempt.record.run, attempt.subject);
  requireGoing(attempt.context);
  await snapshot(attempt, request);
}

async function stop(attempt: Attempt): Promise<void> {
  const { context, record, subject } = attempt;
  const { jail } = subject;
  if (!jail.running) return;
  record.write((journal) => journal.enter(record.id, 'stop'));
  context.progress.step('stopping', jail.name);
  await stopWithDependents(context, record, jail, { notes: attempt.notes, patience: 0 });
  // What was mounted for the jail has gone with it.
  attempt.subject = {
    ...subject,
    jail: { ...jail, running: undefined },
    mounts: await listMounts(record.run),
  };
}

async function snapshot(
  { context, record, subject, snapshot }: Attempt,
  request: ChangeRequest,
): Promise<void> {
  const { jail, dataset } = subject;
  record.write((journal) => journal.enter(record.id, 'snapshot'));
  context.progress.step('snapshot', `${dataset}@${snapshot}`);
  await takeSnapshot(record.run, dataset, snapshot, {
    tx: record.id,
    jail: jail.name,
    verb: request.verb,
    state: 'open',
    started: new Date().toISOString(),
    packages: request.words.join(' ').slice(0, 1000) || '-',
  });
  await holdSnapshots(record.run, dataset, snapshot);
  const names = subject.datasets.map((member) => `${member.name}@${snapshot}`);
  const taken = await describeSnapshots(record.run, names);
  if (taken.length !== names.length)
    throw refused('snapshot-missing', `not every dataset of ${dataset} has its snapshot`);
  record.write((journal) =>
    journal.recordSnapshots(
      record.id,
      taken.map(({ name, guid }) => ({ dataset: datasetOfSnapshot(name), name, guid })),
    ),
  );
}
