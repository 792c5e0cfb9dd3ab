import { readdirSync, readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import type { Reporter } from './reporter.ts';
import type { Root } from './root.ts';
import { isObject, parseUcl, type Ucl } from './ucl.ts';

/** A repository as its configuration has it. */
export interface Repository {
  name: string;
  url: string;
  enabled: boolean;
  priority: number;
  signatureType: string;
  pubkey: string;
  fingerprints: string;
}

/** Reads the repositories from REPOS_DIR; a directory that is missing is silently no repository. */
export function readRepositories(config: Config, root: Root, reporter: Reporter): Repository[] {
  const found = new Map<string, { [key: string]: Ucl }>();
  for (const directory of config.list('REPOS_DIR')) {
    for (const file of confFiles(root, directory)) {
      try {
        const read = parseUcl(readFileSync(root.followed(`${directory}/${file}`), 'utf8'));
        for (const [name, value] of Object.entries(read)) {
          if (isObject(value)) found.set(name, { ...found.get(name), ...value });
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : '';
        reporter.error(`Error parsing: '${directory}/${file}': ${reason}`);
      }
    }
  }
  return [...found]
    .map(([name, value]) => repository(name, value, config))
    .sort((a, b) => b.priority - a.priority);
}

function repository(name: string, value: { [key: string]: Ucl }, config: Config): Repository {
  const [, release = '', machine = ''] = config.abi.split(':');
  const variables: Record<string, string> = { ABI: config.abi, VERSION_MAJOR: release, ARCH: machine };
  const url = String(value['url'] ?? '')
    .replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole)
    .replace(/^pkg\+/, '');
  return {
    name,
    url,
    enabled: value['enabled'] !== false && url !== '',
    priority: Number(value['priority'] ?? 0),
    signatureType: String(value['signature_type'] ?? 'none').toLowerCase(),
    pubkey: String(value['pubkey'] ?? ''),
    fingerprints: String(value['fingerprints'] ?? ''),
  };
}

function confFiles(root: Root, directory: string): string[] {
  try {
    return readdirSync(root.followed(directory))
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .sort();
  } catch {
    return [];
  }
}
