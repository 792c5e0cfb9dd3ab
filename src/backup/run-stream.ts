import { JtxError } from '../error.ts';
import { runPipeline } from '../host/pipeline.ts';
import { type Command, type Finished, runCommand } from '../host/run.ts';
import { followSend, receiveCommand } from '../zfs/send.ts';
import type { SendRequest } from './backup-target.ts';
import type { DatasetTarget } from './dataset-target.ts';
import { markPart } from './part.ts';

/** What goes to a copy. */
interface Streaming {
  send: Command;
  /** `name=value`, for the copy that it makes. */
  properties: readonly string[];
  /** The guid of what the copy has last. */
  last: string | undefined;
}

/** Runs a stream to `place` of a target; gives how its commands ended. */
export async function runStream(
  target: Pick<DatasetTarget, 'name' | 'abilities' | 'there'>,
  { source, abort, onProgress }: SendRequest,
  place: string,
  { send, properties, last }: Streaming,
): Promise<Finished[]> {
  const receive = receiveCommand(target.abilities, place, properties);
  let marked: Promise<void> | undefined;
  const follow = followSend((progress, snapshot) => {
    onProgress?.(progress);
    // After its first second: what has come by then is soon sent again.
    if (snapshot !== undefined) marked ??= atBest(markPart(runCommand, source, snapshot, target.name, last));
  });
  const finished = await runPipeline([send, target.there(receive)], {
    ...(abort === undefined ? {} : { abort }),
    onError: (stage, chunk) => stage === 0 && follow(chunk),
  });
  await marked;
  return finished;
}

/** Without its mark a stream that is cut off may have to begin anew, and is none the worse. */
async function atBest(marking: Promise<void>): Promise<void> {
  try {
    await marking;
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
  }
}
