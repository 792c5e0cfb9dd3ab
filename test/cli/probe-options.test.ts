import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addChangeOptions, type ChangeOptions } from '../../src/cli/change-options.ts';
import { requestOf } from '../../src/cli/change-request.ts';

function probesOf(...words: string[]): string[] {
  const command = addChangeOptions(new Command('install'));
  const options = command.parse(words, { from: 'user' }).opts<ChangeOptions>();
  return requestOf('install', 'web', options).probes.map(
    ({ command: [program], expect: expected }) => `${program} ${expected?.source ?? ''}`,
  );
}

test('an --expect belongs to the --verify before it', () => {
  expect(probesOf('--verify', 'a', '--verify', 'b', '--expect', '2')).toEqual(['a ', 'b 2']);
  expect(
    probesOf('--verify', 'a', '--expect', '1', '--verify', 'b', '--verify', 'c', '--expect', '3'),
  ).toEqual(['a 1', 'b ', 'c 3']);
});

test.each([
  ['stands after no --verify', ['--expect', '1', '--verify', 'a']],
  ['is a second one for one --verify', ['--verify', 'a', '--expect', '1', '--expect', '2']],
])('one that %s is refused', (message, words) => {
  expect(() => probesOf(...words)).toThrow(message);
});
