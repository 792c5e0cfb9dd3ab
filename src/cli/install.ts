import { Command } from 'commander';
import { changePackages } from './carry-out.ts';
import { addPackageOptions, type ChangeOptions } from './change-options.ts';

/** `jtx install`: packages into a jail, or nothing. */
export function installCommand(): Command {
  const command = new Command('install')
    .description('install packages into a jail as a transaction')
    .argument('<jail>', 'the jail')
    .argument('<package...>', 'names of packages');
  return addPackageOptions(command).action((jail: string, packages: string[], options: ChangeOptions) =>
    changePackages('install', jail, packages, options),
  );
}
