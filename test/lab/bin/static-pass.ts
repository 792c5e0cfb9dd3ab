import { readFileSync } from 'node:fs';
import { RootWalk } from '../../../src/host/root-walk.ts';
import { examine } from '../../../src/verify/static/examine.ts';
import { JailFiles } from '../../../src/verify/static/jail-files.ts';
import { registeredPaths } from '../../../src/verify/static/registered.ts';

// static-pass list|check FILE: of the files of this host that FILE names, a line each, prints those that are ELF files and could
// be loaded, or checks them all as the static tier does, and tells the most memory that it took (in KiB).
const [what, list = ''] = process.argv.slice(2);
const paths = readFileSync(list, 'utf8').trim().split('\n');

RootWalk.within('/', (walk) => {
  const files = new JailFiles(walk);
  if (what === 'list') {
    process.stdout.write(`${paths.filter((path) => files.look(path)?.elf !== undefined).join('\n')}\n`);
    return;
  }
  const named = paths.map((path) => ({ path, package: 'host' }));
  const registered = registeredPaths(new Map(paths.map((path) => [path, 'host'])), new Map());
  const found = examine(named, { machine: 'amd64', osversion: 1401000 }, files, registered);
  const memory = process.resourceUsage().maxRSS;
  process.stdout.write(`${found.files} files, ${found.faults.length} faults, memory ${memory}\n`);
});
