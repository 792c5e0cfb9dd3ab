import { expect, test } from 'vitest';
import { startJail, stopJail } from '../../src/jail/control.ts';
import { scripted } from '../host/scripted.ts';

const pg = { jid: 3, name: 'pg', path: '/jails/pg', dying: false };

const jls = (...jails: object[]) => ({ stdout: JSON.stringify({ 'jail-information': { jail: jails } }) });
const runs = jls({ ...pg, jid: '3' });
const dies = jls({ ...pg, jid: '3', dying: true });
const gone = jls();

test('a configured jail is stopped through service(8), and awaited', async () => {
  const { run, calls } = scripted({ jls: [runs, runs, dies], service: {} });
  await stopJail(run, pg, true);
  expect(calls.filter((call) => !call.startsWith('jls'))).toEqual(['service jail onestop pg']);
  expect(calls.filter((call) => call.startsWith('jls'))).toHaveLength(3);
});

test('a jail that was made by hand is left alone', async () => {
  const { run, calls } = scripted({});
  await expect(stopJail(run, pg, false)).rejects.toMatchObject({
    code: 'jail-not-managed',
    outcome: 'refused',
  });
  expect(calls).toEqual([]);
});

test('a jail that runs already is not started again', async () => {
  const { run, calls } = scripted({ jls: runs });
  await startJail(run, 'pg');
  expect(calls).toHaveLength(1);
});

test('a jail counts as started when it runs, whatever service(8) says', async () => {
  const { run, calls, options } = scripted({ jls: [gone, runs], service: { status: 1 } });
  await startJail(run, 'pg');
  expect(calls[1]).toBe('service jail onestart pg');
  expect(options[1]).toMatchObject({ changes: true });
});

test('a jail that does not start is told, though service(8) ends well', async () => {
  const { run } = scripted({ jls: gone, service: { stderr: 'jail: pg: exec.start failed\n' } });
  await expect(startJail(run, 'pg')).rejects.toMatchObject({
    code: 'jail-not-started',
    message: 'jail pg does not start: jail: pg: exec.start failed',
  });
});
