import { expect, test } from 'vitest';
import type { Mount } from '../../src/host/mounts.ts';
import { requireUncovered } from '../../src/transaction/preflight.ts';
import { member, webSubject } from './subjects.ts';

const own = 'zroot/jails/web/local';
const other = 'zroot/jails/web-local';
const root: Mount = { special: 'zroot/jails/web', node: '/jails/web', fstype: 'zfs' };
const at = (special: string, fstype = 'zfs'): Mount => ({ special, node: '/jails/web/usr/local', fstype });
const running = { jid: 1, name: 'web', path: '/jails/web', dying: false };

interface Case {
  special: string;
  type?: string;
  mounts?: Mount[];
  runs?: boolean;
  stop?: boolean;
}

function refusal({ special, type = 'zfs', mounts = [], runs = false, stop = false }: Case): unknown {
  const subject = webSubject(
    { covers: [{ special, path: 'usr/local', type }], running: runs ? running : undefined },
    {
      datasets: [member('zroot/jails/web'), member(own, { mountpoint: 'legacy' })],
      mounts: [root, ...mounts],
    },
  );
  try {
    requireUncovered(subject, { stop });
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each<[what: string, given: Case, hint: string]>([
  ['of another dataset, of a jail that does not run', { special: other }, 'below zroot/jails/web'],
  [
    'of another dataset, though it is there',
    { special: other, mounts: [at(other)] },
    'below zroot/jails/web',
  ],
  ['of another dataset, while it runs', { special: other, mounts: [at(other)], runs: true }, 'below zroot'],
  [
    'of unionfs, while it runs',
    { special: '/upper', type: 'unionfs', mounts: [at('<above>:/upper', 'unionfs')], runs: true },
    'below zroot',
  ],
  ['of its own, not mounted', { special: own }, `mount -t zfs ${own} /jails/web/usr/local`],
  ['of its own, hidden', { special: own, mounts: [at(own), at('tmpfs', 'tmpfs')] }, 'mount -t zfs'],
  [
    'of its own, that the stop unmounts',
    { special: own, mounts: [at(own)], runs: true, stop: true },
    '--stop',
  ],
])('a line %s is refused', (_what, given, hint) => {
  expect(refusal(given)).toMatchObject({
    code: 'root-incomplete',
    outcome: 'refused',
    message: expect.stringContaining(`${given.special} at /jails/web/usr/local`),
    hint: expect.stringContaining(hint),
  });
});

test.each<[what: string, given: Case]>([
  ['mounted', { special: own, mounts: [at(own)] }],
  ['mounted, and --stop has nothing to stop', { special: own, mounts: [at(own)], stop: true }],
  ['mounted while the jail runs', { special: own, mounts: [at(own)], runs: true }],
])('a line of its own dataset is not, %s', (_what, given) => {
  expect(refusal(given)).toBeUndefined();
});
