import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { definitionOf } from '../../../scripts/reference/definitions.ts';
import { fill } from '../../../scripts/reference/fill.ts';
import { manVerbs } from '../../../scripts/reference/man.ts';

const program = new Command('jtx').description('All of it.');
program
  .command('keep')
  .description(".conf is what jtx's \\ keeps")
  .argument('<jail>', 'the jail')
  .argument('[to]', 'back -n to')
  .addOption(new Option('-w, --what <what>', 'which').choices(['one', 'other']).default('one'))
  .addOption(new Option('--hidden', 'not told').hideHelp())
  .option('--from <dir>', 'where');
program
  .command('leave')
  .description('leave')
  .argument('<package...>', 'packages')
  .addOption(new Option('-w, --what <what>', 'which').choices(['one', 'other']).default('one'))
  .option('--from <dir>', 'where');

test('a definition has what was told to Commander, without what the help hides', () => {
  const [keep, leave] = definitionOf(program).verbs;
  expect(keep).toMatchObject({
    words: ['keep'],
    operands: [
      { name: 'jail', offer: 'jail', required: true, variadic: false },
      { name: 'to', offer: 'to', required: false, variadic: false },
    ],
    options: [
      { flags: ['-w', '--what'], value: { name: 'what', offer: ['one', 'other'] }, description: 'which' },
      { flags: ['--from'], value: { name: 'dir', offer: 'dir' } },
      { flags: ['-h', '--help'], value: undefined },
    ],
  });
  expect(leave?.operands).toMatchObject([{ name: 'package', offer: 'nothing', variadic: true }]);
});

test('the manual page tells each verb, and the same options once; no text of it is a request of roff', () => {
  expect(manVerbs(definitionOf(program)).split('\n')).toEqual([
    '.It Xo',
    '.Nm',
    '.Cm keep',
    '.Op Ar options',
    '.Ar jail',
    '.Op Ar to',
    '.Xc',
    "\\&.conf is what jtx's \\e keeps.",
    '.Bl -tag -width Ds',
    '.It Ar to',
    'Back \\-n to.',
    '.El',
    '.Bl -tag -width Ds',
    '.It Fl w , Fl -what Ar what',
    'Which (choices: "one", "other", default: "one").',
    '.It Fl -from Ar dir',
    'Where.',
    '.El',
    '.It Xo',
    '.Nm',
    '.Cm leave',
    '.Op Ar options',
    '.Ar package ...',
    '.Xc',
    'Leave.',
    '.Bl -tag -width Ds',
    '.It Ar package',
    'Packages.',
    '.El',
    'The options are those of',
    '.Cm keep .',
  ]);
});

test('a template without the line that is to be filled in is told', () => {
  expect(fill('a\n@b@\nc', { b: '$& d' })).toBe('a\n$& d\nc');
  expect(() => fill('a @b@', { b: 'c' })).toThrow('@b@');
});
