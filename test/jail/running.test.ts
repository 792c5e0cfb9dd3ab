import { expect, test } from 'vitest';
import { listRunning, parseJls } from '../../src/jail/running.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';

const unreadable = expect.objectContaining({ code: 'jls-unreadable' });

test('the recorded list, whose jid is a string', () => {
  const { output } = recordedRun(
    'jls-jexec',
    'jls --libxo=json -n jid name path host.hostname dying persist',
  );
  expect(parseJls(output)).toEqual([
    { jid: 36, name: 'pg', path: '/jails/pg', dying: false },
    { jid: 37, name: 'web', path: '/jails/pg', dying: false },
  ]);
});

test('what root in a jail calls it, with a character that libxo(3) prints as it is, is read', () => {
  const text = '{"jail-information": {"jail": [\n{"jid":"36","name":"a\tb\u0001","path":"/jails/a"}]}}\n';
  expect(parseJls(text)).toEqual([{ jid: 36, name: 'a\tb\u0001', path: '/jails/a', dying: false }]);
});

test('no jails', () => {
  const { output } = recordedRun('jls-jexec', 'jls; jls --libxo=json');
  expect(parseJls(output.slice(output.indexOf('{')))).toEqual([]);
});

test.each([
  ['nothing', ''],
  ['a table', '   JID  IP Address      Hostname                      Path\n'],
  ['another document', '{"jails": []}'],
  ['null', 'null'],
  [
    'a jail without a name, as jls prints it without parameters',
    '{"jail-information":{"jail":[{"jid":36,"path":"/"}]}}',
  ],
  ['a jid that is none', '{"jail-information":{"jail":[{"jid":"x","name":"a","path":"/a"}]}}'],
])('%s is told apart from no jails', (_what, text) => {
  expect(() => parseJls(text)).toThrow(unreadable);
});

test('a jls that fails does not mean that nothing runs', async () => {
  const { run, calls } = scripted({ jls: { status: 1, stderr: 'jls: unknown parameter: dying\n' } });
  await expect(listRunning(run)).rejects.toThrow(/unknown parameter/);
  expect(calls).toEqual(['jls --libxo=json -n jid name path dying']);
});
