import { Option } from 'commander';
import { repeated } from './repeated.ts';

/** `--target`, which may be given again; `all` says what is meant without it. */
export function targetOption(what: string, all: string): Option {
  return new Option('--target <name>', `${what}; may be given again`).argParser(repeated).default([], all);
}
