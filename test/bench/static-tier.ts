import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pair } from './pairs.ts';

const lab = process.env['LAB'] ?? '';
const pass = join(process.env['LAB_TOP'] ?? '', 'dist/lab/static-pass.js');
const list = join(lab, 'elf-files');

/** The ELF files of this host: many more than a jail of the lab has. */
function listFiles(): number {
  const directories = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', '/usr/local/lib'];
  const found = spawnSync('find', [...directories, '-type', 'f', '-size', '+1'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  writeFileSync(list, found.stdout);
  const said = execFileSync('node', [pass, 'list', list], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  writeFileSync(list, said);
  return said.trim().split('\n').length;
}

/** The static tier over all of them, against readelf(1) and against ldd(1) on each. */
export function staticPairs(): Pair[] {
  const count = listFiles();
  return ['readelf -hldVnW', 'ldd'].map((program) => {
    const each = `while read -r file; do ${program} "$file" > /dev/null 2>&1; done < "$1"`;
    return {
      name: `static check of ${count} ELF files against ${program.replace(/ .*/, '')} on each`,
      limit: 0.05,
      command: ['node', pass, 'check', list],
      against: ['sh', '-c', `${each}; true`, 'sh', list],
      rounds: 3,
      reset: () => {},
    };
  });
}

/** The most memory that it took, in bytes beyond what node takes for nothing. */
export function staticMemory(): number {
  const used = execFileSync('node', [pass, 'check', list], { encoding: 'utf8' });
  const bare = execFileSync('node', ['-p', 'process.resourceUsage().maxRSS'], { encoding: 'utf8' });
  return (Number(/memory (\d+)/.exec(used)?.[1]) - Number(bare)) * 1024;
}
