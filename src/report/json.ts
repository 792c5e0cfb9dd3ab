import { safeJson } from './safe-text.ts';

/** The version of the documented schema; it goes up when something that a script may read changes or goes. */
const schema = 1;

/** The one form of all JSON output: one object on one line (docs/scripting.md). */
export function envelope(verb: string, body: Readonly<Record<string, unknown>>): string {
  return safeJson(JSON.stringify({ jtx: schema, verb, ...body }));
}
