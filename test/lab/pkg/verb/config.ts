import { verbOptions } from '../getopt.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { isObject } from '../ucl.ts';

/** `pkg config`: prints one value. */
export function printConfig(session: Session, args: readonly string[]): number {
  const options = verbOptions('config', args, 'q', { quiet: 'q' });
  const [key] = options.names;
  const { reporter, config } = session;
  const value = key === undefined ? undefined : config.value(key);
  if (value === undefined) {
    reporter.warn(
      key === undefined ? 'Usage: pkg config <configname>' : `No such configuration option: ${key}`,
    );
    return STATUS.failure;
  }
  if (Array.isArray(value)) for (const entry of value) reporter.print(`${String(entry)}\n`);
  else if (isObject(value)) {
    for (const [name, entry] of Object.entries(value)) reporter.print(`${name}: ${String(entry)}\n`);
  } else if (typeof value === 'boolean') reporter.print(`${value ? 'yes' : 'no'}\n`);
  else reporter.print(`${value}\n`);
  return STATUS.ok;
}
