import { Command } from 'commander';
import { changePackages } from './carry-out.ts';
import { addPackageOptions, type ChangeOptions } from './change-options.ts';

/** `jtx remove`: packages from a jail. */
export function removeCommand(): Command {
  const command = new Command('remove')
    .description('remove packages from a jail')
    .argument('<jail>', 'the jail')
    .argument('<package...>', 'names of packages');
  return addPackageOptions(command).action((jail: string, packages: string[], options: ChangeOptions) =>
    changePackages('remove', jail, packages, options),
  );
}
