import { JtxError } from '../error.ts';
import { type PipelineOptions, runPipeline } from '../host/pipeline.ts';
import type { Command, Finished } from '../host/run.ts';
import { duration } from '../report/time.ts';
import { followSend } from '../zfs/send.ts';

/** How a stream is run. */
export interface SendingOptions extends Pick<PipelineOptions, 'from' | 'into' | 'abort'> {
  /** Milliseconds for which it may stand still. */
  silence: number;
  tell: Parameters<typeof followSend>[0];
}

/**
 * Runs a pipeline of which the first command is a zfs-send(8), or reads what one wrote; gives how each command ended.
 * Where zfs-send(8) tells how far it is, and then gets no further for too long, it is ended: a pool of another host that was
 * suspended would keep everything waiting without end. With one of this host all waits, and no process of it can be ended.
 * Throws `target-stalled`.
 */
export async function runSending(
  commands: readonly Command[],
  { silence, tell, abort, ...files }: SendingOptions,
): Promise<Finished[]> {
  const still = new AbortController();
  let furthest = -1;
  let timer: NodeJS.Timeout | undefined;
  const follow = followSend((progress, snapshot) => {
    if (progress.sent > furthest) {
      furthest = progress.sent;
      clearTimeout(timer);
      timer = setTimeout(() => still.abort(), silence);
    }
    tell(progress, snapshot);
  });
  try {
    const finished = await runPipeline(commands, {
      ...files,
      abort: AbortSignal.any([still.signal, ...(abort === undefined ? [] : [abort])]),
      onError: (stage, chunk) => stage === 0 && follow(chunk),
    });
    if (still.signal.aborted) throw stalled(silence);
    return finished;
  } finally {
    clearTimeout(timer);
  }
}

function stalled(silence: number): JtxError {
  return new JtxError({
    code: 'target-stalled',
    outcome: 'refused',
    message: `the stream stood still for ${duration(silence)}, and was ended`,
    hint: 'Is everything well there? zpool status tells of a pool.',
  });
}
