import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { RootWalk } from '../../../src/host/root-walk.ts';
import { JailFiles } from '../../../src/verify/static/jail-files.ts';
import { linkersOf } from '../../../src/verify/static/linkers.ts';
import { load } from '../../../src/verify/static/load.ts';

// linked ROOT DIRECTORY...: for every ELF file in directories of a root, what the static tier would have loaded against
// what the dynamic linker itself says, in that root. Prints one JSON object, the differences by file.
const [root = '/', ...directories] = process.argv.slice(2);
const linker = '/lib64/ld-linux-x86-64.so.2';

/** What is loaded for each file, and what is not found, by jtx's own reading. */
function readBy(paths: readonly string[]): Map<string, string[]> {
  const system = { machine: 'amd64', osversion: 1401000 };
  return RootWalk.within(root, (walk) => {
    const jail = new JailFiles(walk);
    const linkers = linkersOf(system, jail);
    const read = new Map<string, string[]>();
    for (const path of paths) {
      const file = jail.look(path);
      const own = file?.elf && linkers.for(file.elf);
      if (!file?.elf || !own || file.elf.machine !== system.machine) continue;
      const { objects, faults } = load({ ...file, elf: file.elf }, own, (at) => jail.look(at));
      const versions = faults.flatMap((fault) =>
        fault.kind === 'missing-version' ? [`no ${fault.version}`] : [],
      );
      const missing = faults.flatMap((fault) =>
        fault.kind === 'missing-version' ? [] : [`no ${fault.library}`],
      );
      read.set(path, words([...objects.slice(1).map(({ found }) => found), ...missing, ...versions]));
    }
    return read;
  });
}

/** What the dynamic linker says of a file, as ldd(1) asks it: it goes on where something is missing. */
function saidOf(path: string): string[] {
  const asking = ['/usr/bin/env', 'LD_TRACE_LOADED_OBJECTS=1', linker, path];
  const said = spawnSync('chroot', [root, ...asking], { encoding: 'utf8' });
  const lines = [...said.stdout.split('\n'), ...said.stderr.split('\n')];
  return words(
    lines.flatMap((line) => {
      const found = /^\s(?:\S+ => )?(\/\S+) \(0x/.exec(line) ?? /^\s(\S+) => not found/.exec(line);
      if (found) return [line.includes('not found') ? `no ${found[1]}` : (found[1] ?? '')];
      const version = /version `(\S+)' not found/.exec(line);
      return version ? [`no ${version[1]}`] : [];
    }),
  );
}

/** /lib and the like are links into /usr in the distribution; the linker itself is there without being found. */
function words(all: readonly string[]): string[] {
  const merged = all
    .map((one) => normalize(one).replace(/^\/lib/, '/usr/lib'))
    .filter((one) => !/\/ld-linux/.test(one));
  return [...new Set(merged)].sort();
}

function* filesIn(directory: string): Generator<string> {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}

const read = readBy(directories.flatMap((directory) => [...filesIn(directory)]));
const differences = [...read].flatMap(([path, mine]) => {
  const said = saidOf(path);
  return mine.join() === said.join() ? [] : [{ path, mine, said }];
});
const missing = [...read.values()].filter((list) => list.some((one) => one.startsWith('no '))).length;
process.stdout.write(`${JSON.stringify({ files: read.size, missing, differences })}\n`);
