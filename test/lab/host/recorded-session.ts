import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One command of a recorded session on FreeBSD. */
export interface Recorded {
  command: string;
  /** Both outputs, as they came, and the status of the last command of the line. */
  output: string[];
  status: number;
  /** The mounts and jails that were left, where the session printed them. */
  left: string[] | undefined;
}

/** Reads the sections of a session of test/fixtures/freebsd whose headings begin like this. */
export function recordedSession(file: string, sections: readonly string[]): Recorded[] {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/freebsd', file), 'utf8');
  const recorded: Recorded[] = [];
  for (const section of text.split(/^##### /m).slice(1)) {
    if (!sections.some((start) => section.startsWith(start))) continue;
    const runs = section.matchAll(
      /^\$ (.*)\n((?:(?!\$ ).*\n)*?)\[rc=(\d+)\]\n(?: {2}-- mounts\/jails:\n((?: {2}.*\n)*?) {2}--\n)?/gm,
    );
    for (const [, command = '', output = '', status, left] of runs) {
      recorded.push({
        command,
        output: lines(output),
        status: Number(status),
        left: left === undefined ? undefined : lines(left),
      });
    }
  }
  return recorded;
}

function lines(text: string): string[] {
  return text.split('\n').map((line) => line.trim());
}

const environment = /^(PWD|OLDPWD|MM_CHARSET|LANG|BLOCKSIZE|MAIL|TERM|PATH|HOME|SHLVL|_)=/;

/**
 * Brings lines that FreeBSD printed, or a lab, to one form: ids count on, the guest had its root in another place
 * and fewer file systems, ls printed in columns, and the shell that ran the commands says things in its own way.
 */
export function comparable(lines: readonly string[], root: string): string[] {
  return lines
    .flatMap((line) => line.replaceAll(root, '/jails/pg').replaceAll('/tmp/host', '/dev').trim().split(/\t+/))
    .filter((line) => line !== '' && !/ on \S+ \((?!devfs)/.test(line) && !environment.test(line))
    .map((line) =>
      line
        .replace(/\bjid=\d+|"jid":"?\d+"?/g, 'jid')
        .replace(/^\d+ +(?=\S)/, 'jid ')
        .replace(/^\d+$/, 'number')
        .replace(/(?<=^jail: )"\d+"/, 'jid')
        .replace(/^bash: line \d+: +\d+ (Killed|Terminated).*/, '$1'),
    );
}
