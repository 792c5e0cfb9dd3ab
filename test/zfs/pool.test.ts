import { expect, test } from 'vitest';
import { requireHealthyPool } from '../../src/zfs/pool.ts';
import { scripted } from '../host/scripted.ts';

test.each(['ONLINE', 'DEGRADED'])('a pool that is %s keeps its promises', async (health) => {
  const { run, calls } = scripted({ zpool: { stdout: `${health}\n` } });
  await requireHealthyPool(run, 'zroot');
  expect(calls).toEqual(['zpool list -H -o health zroot']);
});

test.each([
  ['FAULTED', { stdout: 'FAULTED\n' }, 'pool zroot is FAULTED'],
  ['SUSPENDED', { stdout: 'SUSPENDED\n' }, 'pool zroot is SUSPENDED'],
  ['missing', { status: 1, stderr: "cannot open 'zroot': no such pool\n" }, /not usable: cannot open/],
  ['hanging', { status: 137, hung: true }, /not usable: it was silent/],
  ['silent', { stdout: '' }, /pool zroot is $/],
])('a pool that is %s is refused', async (_what, answer, message) => {
  const refused = requireHealthyPool(scripted({ zpool: answer }).run, 'zroot');
  await expect(refused).rejects.toMatchObject({ code: 'pool-unhealthy', outcome: 'refused' });
  await expect(requireHealthyPool(scripted({ zpool: answer }).run, 'zroot')).rejects.toThrow(message);
});
