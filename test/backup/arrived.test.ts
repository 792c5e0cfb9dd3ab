import { expect, test } from 'vitest';
import { hasNoRoom, isInVain, noRoom, requireArrived, requireReceived } from '../../src/backup/arrived.ts';
import { JtxError } from '../../src/error.ts';
import type { Finished } from '../../src/host/run.ts';

const stage = (verb: string, status: number, stderr = '', ...over: string[]): Finished => ({
  command: over.length > 0 ? ['ssh', ...over, verb] : ['zfs', verb],
  status,
  stdout: '',
  stderr,
  hung: false,
});
const cutOff = stage('send', 1, "warning: cannot send 'x@y': Broken pipe\n");
const busy =
  'cannot receive resume stream: destination x contains partially-complete state from "zfs receive -s".';

test.each([
  ['arrived', [stage('send', 0), stage('receive', 0)], undefined, false],
  [
    'the snapshot is gone',
    [
      stage('send', 255, "cannot resume send: 'x@y' used in the initial send no longer exists"),
      stage('receive', 1, 'cannot receive: failed to read from stream'),
    ],
    'send-failed',
    true,
  ],
  [
    'refused',
    [cutOff, stage('receive', 1, 'cannot receive resume stream: checksum mismatch')],
    'send-failed',
    true,
  ],
  [
    'refused there',
    [cutOff, stage('receive', 255, 'cannot receive resume stream: checksum mismatch', 'host')],
    'send-failed',
    true,
  ],
  ['another receives', [cutOff, stage('receive', 1, busy)], 'target-busy', true],
  [
    'another receives, of old',
    [cutOff, stage('receive', 1, 'cannot receive incremental stream: dataset is busy')],
    'target-busy',
    true,
  ],
  [
    'no room',
    [cutOff, stage('receive', 1, 'cannot receive resume stream: out of space')],
    'send-failed',
    false,
  ],
  [
    'no room below a quota',
    [cutOff, stage('receive', 1, 'cannot receive: destination x space quota exceeded.')],
    'send-failed',
    false,
  ],
  [
    'the network is gone',
    [cutOff, stage('receive', 255, 'client_loop: send disconnect', 'host')],
    'send-failed',
    false,
  ],
  [
    'killed',
    [stage('send', 137), stage('receive', 1, 'cannot receive: failed to read from stream')],
    'send-failed',
    false,
  ],
])('%s', (what, finished, code, vain) => {
  const arrive = () => requireArrived(finished, 'tank/x');
  if (code === undefined) expect(arrive).not.toThrow();
  else expect(arrive).toThrow(expect.objectContaining({ code }));
  expect(isInVain(finished)).toBe(vain);
  expect(hasNoRoom(finished)).toBe(what.startsWith('no room'));
});

test.each([
  [true, 'Make room on the target.'],
  [false, 'on the target: zfs receive -A tank/x'],
])('where there is no room a person is told what becomes of it: thrown away %s', (thrownAway, hint) => {
  const error = new JtxError({ code: 'send-failed', outcome: 'refused', message: 'out of space' });
  expect(noRoom(error, 'tank/x', thrownAway)).toMatchObject({
    code: 'send-failed',
    message: 'out of space',
    hint: expect.stringContaining(hint),
  });
});

const partly = stage(
  'receive',
  1,
  'cannot receive new filesystem stream: checksum mismatch or incomplete stream.',
);

test.each<[string, Finished[], string | undefined]>([
  ['it has come', [stage('send', 0), stage('receive', 0)], undefined],
  [
    'the disk there cannot be read',
    [stage('send', 1, "warning: cannot send 'x@y': Input/output error\n"), partly],
    'backup-broken',
  ],
  [
    'nor on another host',
    [stage('send', 1, "warning: cannot send 'x@y': Integrity check failed\n", 'host'), partly],
    'backup-broken',
  ],
  ['all of it has come, and is not what was written', [stage('send', 0), partly], 'backup-broken'],
  ['what was compressed cannot be read', [stage('-dcq', 1, 'Decoding error (36)'), partly], 'backup-broken'],
  [
    'the other host has gone',
    [stage('send', 255, 'client_loop: send disconnect: Input/output error', 'host'), partly],
    'send-failed',
  ],
  ['it was killed', [stage('send', 137), partly], 'send-failed'],
  ['there is no room here', [cutOff, stage('receive', 1, 'cannot receive: out of space')], 'send-failed'],
  [
    'it is gone there',
    [stage('send', 1, "cannot open 'x@y': dataset does not exist"), partly],
    'send-failed',
  ],
])('what is received from a target: %s', (_what, finished, code) => {
  const receive = () => requireReceived(finished);
  if (code === undefined) expect(receive).not.toThrow();
  else expect(receive).toThrow(expect.objectContaining({ code }));
});
