import { refused } from '../error.ts';
import type { Subject } from './subject.ts';

/**
 * Requires that a jail's own dataset goes back: a rollback that leaves it as it is would be none. Throws `dataset-kept`.
 */
export function requireReverted({
  jail,
  dataset,
  datasets,
}: Pick<Subject, 'jail' | 'dataset' | 'datasets'>): void {
  if (datasets.find(({ name }) => name === dataset)?.reverted !== false) return;
  throw refused(
    'dataset-kept',
    `${dataset} is to stay as it is (jtx:rollback=off, its own or inherited), so ${jail.name} could not go back`,
    // To inherit it would not do where it is off above.
    `zfs set jtx:rollback=on ${dataset}    # and off for the child that is to stay`,
  );
}
