import { resolve } from 'node:path';
import { loadConfig } from '../config/config.ts';
import type { Config } from '../config/settings.ts';
import { JtxError } from '../error.ts';
import { Journal } from '../journal/journal.ts';
import { wantsColour } from '../report/colour.ts';
import { ProgressReporter } from '../report/progress.ts';
import type { Context } from '../transaction/context.ts';
import { requireRoot } from '../transaction/preflight.ts';
import { type Progress, silent } from '../transaction/progress.ts';

const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Opens what a verb that changes something needs, runs it, and closes everything again; of the journal as much as `open`
 * does. Throws `not-root` first: to others the journal is unreadable, and that would be no help.
 */
export async function withContext<T>(
  json: boolean,
  use: (context: Context) => Promise<T>,
  open: (file: string) => Journal = Journal.open,
): Promise<T> {
  requireRoot();
  const config: Config = loadConfig(process.env);
  leaveDirectory();
  const journal = open(config.journal);
  const controller = new AbortController();
  const listeners = Object.entries(signals).map(([name, number]) => {
    const listener = (): void => controller.abort(number);
    process.on(name, listener);
    return { name, listener };
  });
  try {
    return await use({
      config,
      journal,
      progress: json ? silent : reporter(),
      interrupt: controller.signal,
      environment: process.env,
    });
  } catch (error) {
    throw controller.signal.aborted ? interrupted(error, Number(controller.signal.reason)) : error;
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener);
    journal.close();
  }
}

/**
 * Goes where no jail is: what jtx stands in cannot be unmounted. The words of the command line are read by now, and its
 * paths absolute; those of the environment are read again by a jtx that waits in the background.
 */
function leaveDirectory(): void {
  for (const name of ['JTX_CONFIG', 'JTX_JOURNAL']) {
    const path = process.env[name];
    if (path) process.env[name] = resolve(path);
  }
  process.chdir('/');
}

/** What a signal has cut off, such as a stream, says of itself that it failed; a script is to know why. */
function interrupted(error: unknown, signal: number): unknown {
  if (!(error instanceof JtxError) || error.outcome !== 'refused' || error.signal !== undefined) return error;
  const { code, outcome, message, state, hint } = error;
  const known = { ...(state === undefined ? {} : { state }), ...(hint === undefined ? {} : { hint }) };
  return new JtxError({ code, outcome, message, ...known, signal, cause: error });
}

function reporter(): Progress {
  const stream = process.stderr;
  return new ProgressReporter({
    stream,
    tty: stream.isTTY === true,
    colour: wantsColour(stream, process.env),
  });
}
