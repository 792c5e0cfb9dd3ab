import { JtxError } from '../error.ts';
import { type Command, type Finished, runCommand } from '../host/run.ts';
import { receiveCommand } from '../zfs/send.ts';
import type { SendRequest } from './backup-target.ts';
import type { DatasetTarget } from './dataset-target.ts';
import { markPart } from './part.ts';
import { runSending } from './run-sending.ts';

/** What goes to a copy. */
interface Streaming {
  send: Command;
  /** `name=value`, for the copy that it makes. */
  properties: readonly string[];
  /** The guid of what the copy has last. */
  last: string | undefined;
}

/** Runs a stream to `place` of a target; gives how its commands ended. Throws `target-stalled`. */
export async function runStream(
  target: Pick<DatasetTarget, 'name' | 'abilities' | 'there'>,
  { source, abort, silence, onProgress }: SendRequest,
  place: string,
  { send, properties, last }: Streaming,
): Promise<Finished[]> {
  const receive = receiveCommand(target.abilities, place, properties);
  let marked: Promise<void> | undefined;
  try {
    return await runSending([send, target.there(receive)], {
      silence,
      ...(abort === undefined ? {} : { abort }),
      tell(progress, snapshot) {
        onProgress?.(progress);
        // After its first second: what has come by then is soon sent again.
        if (snapshot !== undefined)
          marked ??= atBest(markPart(runCommand, source, snapshot, target.name, last));
      },
    });
  } finally {
    await marked;
  }
}

/** Without its mark a stream that is cut off may have to begin anew, and is none the worse. */
async function atBest(marking: Promise<void>): Promise<void> {
  try {
    await marking;
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
  }
}
