import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/config.ts';
import { Journal } from '../journal/journal.ts';
import { wantsColour } from '../report/colour.ts';
import { ProgressReporter } from '../report/progress.ts';
import type { Context } from '../transaction/context.ts';
import { requireRoot } from '../transaction/preflight.ts';
import { type Progress, silent } from '../transaction/progress.ts';

const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Opens what a verb that changes something needs, runs it, and closes everything again. Throws `not-root` first: to
 * others the journal is unreadable, and that would be no help.
 */
export async function withContext<T>(json: boolean, use: (context: Context) => Promise<T>): Promise<T> {
  requireRoot();
  const config: Config = loadConfig(process.env);
  const journal = Journal.open(config.journal);
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
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener);
    journal.close();
  }
}

function reporter(): Progress {
  const stream = process.stderr;
  return new ProgressReporter({
    stream,
    tty: stream.isTTY === true,
    colour: wantsColour(stream, process.env),
  });
}
