import { expect, test } from 'vitest';
import { refused } from '../../src/error.ts';
import { startJail, stopJail } from '../../src/jail/control.ts';
import { managerOf } from '../../src/jail/manager.ts';
import { scripted } from '../host/scripted.ts';

const pg = { jid: 3, name: 'pg', path: '/jails/pg', dying: false };
const jail = { name: 'pg', root: '/jails/pg', configured: true };
const config = { control: undefined };

const jls = (...jails: object[]) => ({ stdout: JSON.stringify({ 'jail-information': { jail: jails } }) });
const runs = jls({ ...pg, jid: '3' });
const dies = jls({ ...pg, jid: '3', dying: true });
const gone = jls();

test('a configured jail is stopped through service(8), and awaited', async () => {
  const { run, calls } = scripted({ jls: [runs, runs, runs, dies], service: {} });
  await stopJail(run, jail, config);
  expect(calls.filter((call) => !call.startsWith('jls'))).toEqual(['service jail onestop pg']);
  expect(calls.filter((call) => call.startsWith('jls'))).toHaveLength(4);
});

test('a jail that was made by hand is left alone', async () => {
  const { run, calls } = scripted({});
  await expect(stopJail(run, { ...jail, configured: false }, config)).rejects.toMatchObject({
    code: 'jail-not-managed',
    outcome: 'refused',
  });
  expect(calls).toEqual([]);
});

test('a jail whose configuration cannot be read is left alone, unless there is another way to start it', async () => {
  const { run } = scripted({ jls: gone });
  const broken = refused('jail-conf-invalid', 'jail: pg.conf: unexpected EOF');
  const half = { ...jail, configured: false, broken };
  await expect(stopJail(run, half, config)).rejects.toBe(broken);
  const control = { stop: ['myjails', 'stop', '{name}'], start: ['myjails', 'start', '{name}'] };
  await expect(stopJail(run, half, { control })).resolves.toBeUndefined();
});

test('a jail that runs already is not started again', async () => {
  const { run, calls } = scripted({ jls: runs });
  await startJail(run, jail, config);
  expect(calls).toHaveLength(1);
});

test('a jail counts as started when it runs, whatever service(8) says', async () => {
  const { run, calls, options } = scripted({ jls: [gone, runs], service: { status: 1 } });
  await startJail(run, jail, config);
  expect(calls[1]).toBe('service jail onestart pg');
  expect(options[1]).toMatchObject({ changes: true });
});

test('a jail that does not start is told, though service(8) ends well', async () => {
  const { run } = scripted({ jls: gone, service: { stderr: 'jail: pg: exec.start failed\n' } });
  await expect(startJail(run, jail, config)).rejects.toMatchObject({
    code: 'jail-not-started',
    message: 'jail pg does not start: jail: pg: exec.start failed',
  });
});

test.each([
  ['/usr/local/bastille/jails/db/root', ['bastille', 'stop', 'db']],
  ['/mnt/tank/iocage/jails/db/root', ['iocage', 'stop', 'db']],
  ['/opt/pot/jails/db/m', ['pot', 'stop', '-p', 'db']],
  ['/usr/local/appjail/jails/db/jail', ['appjail', 'stop', 'db']],
  ['/usr/jails/db', ['ezjail-admin', 'onestop', 'db']],
])('a jail at %s is known by its manager', (root, stop) => {
  expect(managerOf({ name: 'whatever', root, configured: false }, undefined)?.stop).toEqual(stop);
});

test('the configuration comes first, and names the jail', () => {
  const control = { stop: ['my', 'stop', '{name}'], start: ['my', 'start', '--root={root}', '{name}'] };
  expect(managerOf(jail, control)).toMatchObject({
    stop: ['my', 'stop', 'pg'],
    start: ['my', 'start', '--root=/jails/pg', 'pg'],
  });
});

test.each(['/jails/db', '/usr/local/bastille/jails/-x/root', '/usr/jails/a/b'])('nobody keeps %s', (root) => {
  expect(managerOf({ name: 'db', root, configured: false }, undefined)).toBeUndefined();
});
