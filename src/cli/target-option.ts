import { Option } from 'commander';

/** `--target`, which may be given again; `all` says what is meant without it. */
export function targetOption(what: string, all: string): Option {
  return new Option('--target <name>', `${what}; may be given again`)
    .argParser((value: string, before: string[]) => [...before, value])
    .default([], all);
}
