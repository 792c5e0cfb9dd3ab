import { expect, test } from 'vitest';
import { whatRuns } from '../../src/transaction/approach.ts';
import { type ChangeRequest, plainChange } from '../../src/transaction/request.ts';

const amd64 = { jail: 'amd64', host: 'amd64', runs: ['amd64', 'i386'] };
const aarch64 = { ...amd64, jail: 'aarch64' };
const i386 = { ...amd64, jail: 'i386' };
const emulated = { ...aarch64, runs: [...amd64.runs, 'aarch64'] };
const from = { rootdir: true };
const onHost = { rootdir: true, scriptsOnHost: true };
const without = (value: string) => ({ options: [['RUN_SCRIPTS', value]] as const });

test.each<
  [string, ChangeRequest['verb'], Partial<ChangeRequest>, typeof emulated, string, string[], string[]]
>([
  ['a jail of this machine', 'install', {}, amd64, 'in-jail', [], []],
  ['one of the 32 bits of this machine', 'install', {}, i386, 'in-jail', [], []],
  ['one of another', 'install', {}, aarch64, 'skipped', ['scripts', 'probes'], []],
  ['one of another that is emulated', 'install', {}, emulated, 'in-jail', [], []],
  ['one of another, verified', 'verify', {}, aarch64, 'skipped', ['probes'], []],
  ['one of another, into which a file goes', 'restore', {}, aarch64, 'skipped', ['probes'], []],
  ['a command in one that is emulated', 'run', {}, emulated, 'in-jail', [], []],
  ['a command in one of 32 bits', 'run', {}, i386, 'in-jail', [], []],
  ['a root, from outside', 'upgrade', from, amd64, 'skipped', ['scripts', 'probes'], []],
  ['a root of another, from outside', 'remove', from, aarch64, 'skipped', ['scripts', 'probes'], []],
  ['with scripts on the host', 'install', onHost, amd64, 'on-host', ['probes'], ['scripts: run on the host']],
  ['the same of another', 'install', onHost, aarch64, 'on-host', ['probes'], ['scripts: run on the host']],
  ['scripts that nobody wants', 'install', without('no'), amd64, 'skipped', ['scripts'], []],
  ['the same in other words', 'install', without('FALSE'), amd64, 'skipped', ['scripts'], []],
  ['scripts that are wanted', 'install', without('yes'), amd64, 'in-jail', [], []],
  [
    'wanting them is no way to run them',
    'install',
    without('yes'),
    aarch64,
    'skipped',
    ['scripts', 'probes'],
    [],
  ],
  ['nor on the host', 'install', { ...from, ...without('yes') }, amd64, 'skipped', ['scripts', 'probes'], []],
])('%s', (_what, verb, more, machines, scripts, leftOut, notes) => {
  const what = whatRuns({ ...plainChange, verb, ...more }, machines);
  expect([what.scripts, what.leftOut.map(({ part }) => part), what.notes]).toEqual([scripts, leftOut, notes]);
});

test('a command cannot be run in a jail of another machine', () => {
  expect(() => whatRuns({ ...plainChange, verb: 'run' }, aarch64)).toThrow(
    expect.objectContaining({ code: 'machine-mismatch', outcome: 'refused' }),
  );
});
