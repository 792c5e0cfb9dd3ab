import type { Config } from '../config/settings.ts';
import type { Run } from '../host/run.ts';
import { valuesOf } from '../zfs/properties.ts';
import { findSubjects, isLeftOut } from './subjects.ts';

/** Which jails ought to have backups. */
export interface Expected {
  jails: string[];
  /** By `jtx:backup=off`, or by the configuration. */
  leftOut: string[];
}

/**
 * The jails that were named, or all, as {@link findSubjects} finds them. One that cannot be backed up is expected all the same.
 * Throws `jail-unknown` for one that was named, and what jail(8), jls(8) and zfs(8) throw.
 */
export async function findExpected(
  run: Run,
  config: Config,
  names: readonly string[],
  earlier: readonly string[],
): Promise<Expected> {
  const { found, failed } = await findSubjects(run, config, names, earlier);
  const unknown = failed.find(({ error }) => names.length > 0 && error.code === 'jail-unknown');
  if (unknown) throw unknown.error;
  const marks = await valuesOf(
    run,
    'jtx:backup',
    found.map(({ dataset }) => dataset),
  );
  const isOut = ({ name, dataset }: { name: string; dataset?: string }): boolean =>
    isLeftOut(config, name) || (dataset !== undefined && marks.get(dataset) === 'off');
  const all = [
    ...found.map(({ jail: { name }, dataset }) => ({ name, dataset })),
    ...failed.map(({ jail }) => ({ name: jail })),
  ];
  return {
    jails: all
      .filter((one) => !isOut(one))
      .map(({ name }) => name)
      .sort(),
    leftOut: all
      .filter(isOut)
      .map(({ name }) => name)
      .sort(),
  };
}
