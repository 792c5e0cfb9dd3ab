import { Command } from 'commander';
import { changePackages } from './carry-out.ts';
import { addPackageOptions, type ChangeOptions } from './change-options.ts';

/** `jtx upgrade`: all packages of a jail, or those named, to their newest versions. */
export function upgradeCommand(): Command {
  const command = new Command('upgrade')
    .description('upgrade all packages of a jail, or those named')
    .argument('<jail>', 'the jail')
    .argument('[package...]', 'names of packages');
  return addPackageOptions(command).action((jail: string, packages: string[], options: ChangeOptions) =>
    changePackages('upgrade', jail, packages, options),
  );
}
