import { JtxError } from '../error.ts';
import { failedStage, requireWhole } from '../host/pipeline.ts';
import type { Finished } from '../host/run.ts';

/** Passes on when a stream has arrived. Throws `target-busy` where another receives there, else `send-failed`. */
export function requireArrived(finished: readonly Finished[], target: string): void {
  if (/dataset is busy|partially-complete state/.test(failedStage(finished)?.stderr ?? ''))
    throw underWay(target);
  requireWhole(finished);
}

/**
 * Passes on when what a target has was received here. Throws `backup-broken` where it cannot be read there, or was not what
 * was written, and `send-failed` for what tells nothing of the backup.
 */
export function requireReceived(finished: readonly Finished[]): void {
  try {
    requireWhole(finished);
  } catch (error) {
    if (!(error instanceof JtxError) || !isUnreadable(finished)) throw error;
    const { outcome, message } = error;
    throw new JtxError({ code: 'backup-broken', outcome, message });
  }
}

/** zfs-send(8), and zstd(1). */
const unreadable =
  /^(?:warning: )?cannot send .*: (?:Input\/output error|I\/O error|Integrity check failed)|Decoding error/m;

/** Of what was not sent to its end the receiver says that it is incomplete: that alone tells nothing. */
function isUnreadable(finished: readonly Finished[]): boolean {
  const senders = finished.slice(0, -1);
  const said = finished.at(-1)?.stderr ?? '';
  return (
    senders.some(({ stderr }) => unreadable.test(stderr)) ||
    (senders.every(({ status }) => status === 0) && /checksum mismatch|incomplete stream/.test(said))
  );
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
