import { expect, test } from 'vitest';
import { parseMessages } from '../../src/pkg/messages.ts';
import { everyStep, transcript } from './transcript.ts';

test('what a package tells is read from the end of a recorded run', () => {
  const { stdout } = transcript('success', 'install -y -- hello');
  expect(parseMessages(stdout)).toEqual([{ package: 'hello-1.0', text: 'Hello message' }]);
});

test('as many messages are read as recorded runs have printed', () => {
  for (const { stdout, argv } of everyStep())
    expect(parseMessages(stdout), argv.join(' ')).toHaveLength(stdout.split('\nMessage from ').length - 1);
});

const block = (name: string, ...texts: string[]) =>
  `=====\nMessage from ${name}:\n\n${texts.map((text) => `--\n${text}\n`).join('')}`;

test.each([
  ['nothing', '', []],
  ['no message', '[1/1] Installing tiny-1.0...\n', []],
  [
    'two packages',
    block('a-1', 'one') + block('b-2,1', 'two\n\nthree'),
    [
      ['a-1', 'one'],
      ['b-2,1', 'two\n\nthree'],
    ],
  ],
  ['two messages of one', block('a-1', 'one', 'two'), [['a-1', 'one\n--\ntwo']]],
  ['what is said first is none of it', `noise\n=====\n${block('a-1', 'one')}`, [['a-1', 'one']]],
  [
    'a line in a message that only looks like one',
    block('a-1', '=====\nMessage from'),
    [['a-1', '=====\nMessage from']],
  ],
  ['an indented beginning', block('a-1', '  # service a initdb'), [['a-1', '  # service a initdb']]],
  ['an empty one', block('a-1', ''), []],
])('%s', (_, stdout, expected) => {
  expect(parseMessages(stdout).map(({ package: name, text }) => [name, text])).toEqual(expected);
});

test('whoever prints without end fills no memory, and what was printed last is kept', () => {
  const messages = parseMessages(block('a-1', 'x'.repeat(10_000_000)) + block('b-1', 'last'));
  expect(messages).toEqual([{ package: 'b-1', text: 'last' }]);
  const many = parseMessages(block('a-1', 'x').repeat(200_000));
  expect(many.length).toBeLessThan(20_000);
});
