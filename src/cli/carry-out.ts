import { packageNames } from '../pkg/names.ts';
import { EventReporter } from '../report/event-reporter.ts';
import { change } from '../transaction/change.ts';
import type { Progress } from '../transaction/progress.ts';
import type { ChangeRequest, PackageVerb } from '../transaction/request.ts';
import type { ChangeOptions } from './change-options.ts';
import { requestOf } from './change-request.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';

/** Carries out a change by pkg, and prints how it ended. */
export async function changePackages(
  verb: PackageVerb,
  jail: string,
  words: readonly string[],
  options: ChangeOptions,
): Promise<void> {
  await carryOut({ ...requestOf(verb, jail, options), words: packageNames(words) }, options);
}

/** Carries out any change, and prints how it ended. */
export async function carryOut(request: ChangeRequest, options: ChangeOptions): Promise<void> {
  const json = options.json === true || options.ndjson === true;
  const ending = await withContext(json, (context) =>
    options.ndjson === true
      ? withEvents(request.verb, (progress) => change({ ...context, progress }, request))
      : change(context, request),
  );
  printEnding(ending, json, request.planOnly);
}

/** Tells what a change does as events on standard output, and all of them by the time that it has ended. */
async function withEvents<T>(
  verb: ChangeRequest['verb'],
  use: (progress: Progress) => Promise<T>,
): Promise<T> {
  const events = new EventReporter({ verb, stream: process.stdout });
  try {
    return await use(events);
  } finally {
    events.end();
  }
}
