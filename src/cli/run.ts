import { Command } from 'commander';
import { usage } from '../error.ts';
import { carryOut } from './carry-out.ts';
import { addChangeOptions, type ChangeOptions } from './change-options.ts';
import { requestOf } from './change-request.ts';

/** `jtx run`: any command inside a jail, kept only if it succeeds. */
export function runCommandVerb(): Command {
  const command = new Command('run')
    .description('run any command inside a jail as a transaction')
    .argument('<jail>', 'the jail')
    .argument('<command...>', 'after --: the command and its arguments');
  addChangeOptions(command);
  // It is known for the sake of what is said to who tries it.
  command.options.find(({ long }) => long === '--plan')?.hideHelp();
  return command.action((jail: string, words: string[], options: ChangeOptions) => {
    if (options.plan === true) throw usage('what a command would do cannot be planned', 'Leave --plan out.');
    return carryOut({ ...requestOf('run', jail, options), words }, options);
  });
}
