import { expect, test } from 'vitest';
import { jailName } from '../../src/jail/name.ts';
import {
  isThrowAway,
  removeThrowAwayJail,
  throwAwayName,
  withThrowAwayJail,
} from '../../src/jail/throw-away.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';

const name = throwAwayName('01KAV3X0000000000000000000');
const jail = { name, root: '/jails/pg', hostname: 'pg' };
const absent = recordedRun('throw-away-jail', 'jail -r e');

test('its name is one that jail(8) takes, known again by the transaction', () => {
  expect(jailName(name)).toBe('jtx-01kav3x0000000000000000000');
  expect(isThrowAway(name)).toBe(true);
  for (const other of ['jtx', 'jtx-web', `${name}0`, `x${name}`]) expect(isThrowAway(other)).toBe(false);
});

test('it is told from the jails of people by its name', () => {
  expect(isThrowAway(name)).toBe(true);
  for (const own of ['web', 'jtx', 'jtx-web', `${name}x`, `x${name}`, name.toUpperCase()])
    expect(isThrowAway(own)).toBe(false);
});

test('it has a network of its own, persists for the command, and is taken down', async () => {
  const { run, calls, options } = scripted({ jail: {}, jexec: { status: 7, stdout: 'out\n' } });
  const finished = await withThrowAwayJail(run, jail, (exec) =>
    exec(['/bin/sh', '-c', 'exit 7'], { lasting: true }),
  );
  expect(finished).toMatchObject({ status: 7, stdout: 'out\n' });
  expect(calls).toEqual([
    `jail -c name=${name} path=/jails/pg host.hostname=pg vnet persist`,
    `jexec -l ${name} ifconfig lo0 inet 127.0.0.1/8 up`,
    `jexec -l ${name} /bin/sh -c exit 7`,
    `jail -R ${name}`,
  ]);
  expect(options).toEqual([{ changes: true }, { silence: 10_000 }, { lasting: true }, { changes: true }]);
});

test('it is taken down when its use fails, and the failure is passed on', async () => {
  const { run, calls } = scripted({ jail: {}, jexec: {} });
  const use = withThrowAwayJail(run, jail, async () => {
    throw new Error('interrupted');
  });
  await expect(use).rejects.toThrow('interrupted');
  expect(calls.at(-1)).toBe(`jail -R ${name}`);
});

test('one that cannot be made is told in the words of jail(8)', async () => {
  const { output } = recordedRun('throw-away-jail', 'jail -c name=e path=/jails/nope command=/bin/sh');
  const { run, calls } = scripted({ 'jail -c': { status: 1, stderr: output }, 'jail -R': { status: 1 } });
  let used = false;
  const made = withThrowAwayJail(run, jail, async () => {
    used = true;
  });
  await expect(made).rejects.toThrow('jail: path /jails/nope: No such file or directory');
  expect(used).toBe(false);
  expect(calls).toHaveLength(2);
});

test('that it is gone already is fine, that it stays is not', async () => {
  const late = { status: absent.status, stderr: absent.output };
  const use = async (): Promise<string> => 'done';
  expect(
    await withThrowAwayJail(
      scripted({ jexec: { status: 127 }, 'jail -c': {}, 'jail -R': late }).run,
      jail,
      use,
    ),
  ).toBe('done');
  const stays = scripted({
    jexec: {},
    'jail -c': {},
    'jail -R': { status: 1, stderr: 'jail: Operation not permitted\n' },
  });
  await expect(withThrowAwayJail(stays.run, jail, use)).rejects.toThrow('Operation not permitted');
});

test('recovery takes it down where it is left, and only there', async () => {
  const left = { jid: '4', name, path: '/jails/pg', dying: false };
  const list = (...jails: object[]) => ({ stdout: JSON.stringify({ 'jail-information': { jail: jails } }) });
  const there = scripted({ jls: list(left), jail: {} });
  await removeThrowAwayJail(there.run, name);
  expect(there.calls.at(-1)).toBe(`jail -R ${name}`);
  const none = scripted({ jls: list({ ...left, name: 'pg' }) });
  await removeThrowAwayJail(none.run, name);
  expect(none.calls).toHaveLength(1);
});
