import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything that a rollback has to bring back, a line a path, sorted: type and mode, owner, size, modification
 * time in nanoseconds, content or link target or device, path. The directory itself is the line with `.`.
 */
export function manifestOf(directory: string): string {
  // What a process wrote through a mapping reaches OpenZFS on Linux with the next sync alone, and no snapshot before it
  // (FreeBSD writes it when the file is let go of).
  if (process.env['LAB_ZFS'] === 'openzfs') execFileSync('sync');
  const lines: string[] = [];
  walk(directory, '.', lines);
  return `${lines.join('\n')}\n`;
}

function walk(top: string, path: string, lines: string[]): void {
  const full = join(top, path);
  const stat = lstatSync(full, { bigint: true });
  const fields = [stat.mode.toString(8), stat.uid, stat.gid, stat.nlink, stat.mtimeNs];
  if (stat.isFile()) {
    const sum = createHash('sha256').update(readFileSync(full)).digest('hex');
    lines.push([...fields, stat.size, sum, JSON.stringify(path)].join(' '));
  } else if (stat.isSymbolicLink()) {
    lines.push([...fields, JSON.stringify(readlinkSync(full)), JSON.stringify(path)].join(' '));
  } else {
    lines.push([...fields, stat.rdev, JSON.stringify(path)].join(' '));
  }
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(full).sort()) walk(top, join(path, name), lines);
}
