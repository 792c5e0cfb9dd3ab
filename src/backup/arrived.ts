import { JtxError } from '../error.ts';
import { failedStage, requireWhole } from '../host/pipeline.ts';
import type { Finished } from '../host/run.ts';

/** Passes on when a stream has arrived. Throws `target-busy` where another receives there, else `send-failed`. */
export function requireArrived(finished: readonly Finished[], target: string): void {
  if (/dataset is busy|partially-complete state/.test(failedStage(finished)?.stderr ?? ''))
    throw underWay(target);
  requireWhole(finished);
}

/** Another stream arrives at the same place. */
export function underWay(target: string): JtxError {
  return new JtxError({
    code: 'target-busy',
    outcome: 'refused',
    message: `another stream to ${target} is under way`,
    hint: 'An earlier jtx backup that was killed has left it, or somebody else sends there: see zfs receive in ps.',
  });
}

/**
 * Whether a stream that goes on from a token failed because it cannot go on: its snapshot is gone, or the target does not
 * want it. Not where it was cut off once more, or there was no room: it can go on another time. Pure.
 */
export function isInVain(finished: readonly Finished[]): boolean {
  const failed = failedStage(finished);
  if (!failed) return false;
  const { command, status, stderr } = failed;
  const signalled = status > 128 && status < 128 + 65;
  // Both ssh(1) itself and zfs(8) end with 255.
  const disconnected = command[0] === 'ssh' && status === 255 && !/^cannot /m.test(stderr);
  return !signalled && !disconnected && !/Broken pipe/.test(stderr) && !hasNoRoom(finished);
}

/** Whether a stream was cut off because the target is full. Pure. */
export function hasNoRoom(finished: readonly Finished[]): boolean {
  return /out of space|quota/.test(failedStage(finished)?.stderr ?? '');
}

/**
 * The failure of a stream to `place` for which there is no room, to be told once what had come of it was thrown away, or
 * that failed in its turn.
 */
export function noRoom({ code, outcome, message }: JtxError, place: string, thrownAway: boolean): JtxError {
  const hint = thrownAway
    ? 'What had come of it was thrown away: it held the room that other jails need. Make room on the target.'
    : `What has come of it holds the room that other jails need; on the target: zfs receive -A ${place}`;
  return new JtxError({ code, outcome, message, hint });
}
