import type { Subject } from '../../src/transaction/subject.ts';
import type { Dataset } from '../../src/zfs/dataset.ts';

/** A dataset that is mounted at /jails/..., as its name has it below zroot. */
export function member(name: string, more: Partial<Dataset> = {}): Dataset {
  const mountpoint = name.replace(/^zroot/, '');
  return { name, volume: false, mountpoint, mounted: true, readonly: false, reverted: true, ...more };
}

/** The jail web, which does not run, with its dataset zroot/jails/web and what is said of it. */
export function webSubject(jail: Partial<Subject['jail']> = {}, more: Partial<Subject> = {}): Subject {
  const datasets = more.datasets ?? [member('zroot/jails/web')];
  return {
    jail: {
      name: 'web',
      root: '/jails/web',
      running: undefined,
      others: [],
      bases: [],
      covers: [],
      unmounted: [],
      configured: true,
      ...jail,
    },
    dataset: 'zroot/jails/web',
    volumes: [],
    mounts: datasets.map(({ name, mountpoint }) => ({ special: name, node: mountpoint, fstype: 'zfs' })),
    ...more,
    datasets,
  };
}
