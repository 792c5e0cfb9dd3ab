import { execFileSync } from 'node:child_process';

/** What readelf(1) says of a file: of Debian's binutils, or of FreeBSD's own. */
export interface Said {
  machine: string;
  needed: string[];
  soname: string | undefined;
  interpreter: string | undefined;
  /** `library version`, sorted. */
  versionsNeeded: string[];
  versionsDefined: string[];
  osversion: number | undefined;
}

/** Asks readelf about an ELF file. */
export function readelf(path: string): Said {
  const text = execFileSync('readelf', ['-hldVnW', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  const [soname] = all(/SONAME\)?\s+Library soname: \[(.*?)\]/g);
  const [interpreter] = all(/Requesting program interpreter: (.*?)\]/g);
  return {
    machine: all(/^\s*Machine:\s+(.*)$/gm)[0] ?? '',
    needed: all(/NEEDED\)?\s+Shared library: \[(.*?)\]/g),
    soname,
    interpreter,
    ...versionsOf(text),
    osversion: osversionOf(text),
  };
}

function versionsOf(text: string): Pick<Said, 'versionsNeeded' | 'versionsDefined'> {
  const versionsNeeded: string[] = [];
  const versionsDefined: string[] = [];
  let library: string | undefined;
  let defining = false;
  for (const line of text.split('\n')) {
    if (/^Version definition section/.test(line)) [defining, library] = [true, undefined];
    else if (/^Version needs section/.test(line)) defining = false;
    const file = / File: (\S+)/.exec(line);
    if (file) library = file[1];
    // A definition's own name stands on its first line; what it inherits from has a line of its own.
    const name = / Name: (\S+)/.exec(line);
    if (!name) continue;
    if (defining) versionsDefined.push(name[1] ?? '');
    else versionsNeeded.push(`${library} ${name[1]}`);
  }
  return { versionsNeeded: versionsNeeded.sort(), versionsDefined: versionsDefined.sort() };
}

/** GNU's readelf shows the note NT_VERSION of FreeBSD by its bytes, FreeBSD's by its number. */
function osversionOf(text: string): number | undefined {
  const bytes = /FreeBSD\s+0x0*4\s+NT_VERSION[^\n]*\s+description data:((?: [0-9a-f]{2}){4})/.exec(text)?.[1];
  if (bytes !== undefined) return Number.parseInt(bytes.trim().split(' ').reverse().join(''), 16);
  const number = /ABI tag: (\d+)/.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}
