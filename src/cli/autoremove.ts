import { Command } from 'commander';
import { changePackages } from './carry-out.ts';
import { addPackageOptions, type ChangeOptions } from './change-options.ts';

/** `jtx autoremove`: what was installed only for packages that are gone. */
export function autoremoveCommand(): Command {
  const command = new Command('autoremove')
    .description('remove packages that nothing needs any more')
    .argument('<jail>', 'the jail');
  return addPackageOptions(command).action((jail: string, options: ChangeOptions) =>
    changePackages('autoremove', jail, [], options),
  );
}
