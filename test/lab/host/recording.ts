import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One command of a recorded session on FreeBSD. */
export interface Recorded {
  /** The heading above it. */
  section: string;
  command: string;
  /** Both outputs, as the terminal showed them. */
  output: string[];
  status: number;
  /** What the session printed about mounts and jails afterwards, where it did. */
  state: string[] | undefined;
}

/** Reads a session of test/fixtures/freebsd: `$ COMMAND`, output, `[rc=N]`, at times a block of the state after it. */
export function readRecording(name: string): Recorded[] {
  const lines = readFileSync(join(import.meta.dirname, '../../fixtures/freebsd', name), 'utf8').split('\n');
  const recorded: Recorded[] = [];
  let section = '';
  let at: Recorded | undefined;
  let ended = false;
  for (const line of lines) {
    const last = recorded.at(-1);
    if (line.startsWith('##### ')) section = line.slice(6);
    else if (line.startsWith('$ ')) {
      at = { section, command: line.slice(2), output: [], status: 0, state: undefined };
      ended = false;
      recorded.push(at);
    } else if (/^\[rc=\d+\]$/.test(line)) {
      if (at) at.status = Number(line.slice(4, -1));
      ended = true;
    } else if (line === '  -- mounts/jails:' && last) last.state = [];
    else if (line === '  --') at = undefined;
    else if (last?.state && ended && at) last.state.push(line.trim());
    else if (at && !ended) at.output.push(line);
  }
  return recorded;
}

/** Brings what a lab printed, or FreeBSD, to one form: the root's path, ids and columns differ for good reasons. */
export function comparable(lines: readonly string[], root: string): string[] {
  return lines
    .flatMap((line) => line.split('\t'))
    .map((line) => line.replaceAll(root, '/jails/pg'))
    .filter((line) => line !== '' && !/ on \S+ \((?!devfs)| on \/dev \(|^(PWD|MM_CHARSET|TERM|LANG|PATH|HOME|BLOCKSIZE|_)=/.test(line))
    .map((line) =>
      line
        .replace(/jid=\d+|"jid":"?\d+"?/g, 'jid')
        .replace(/^ {1,6}\d+ /, 'jid ')
        .replace(/^\d+$/, 'number')
        .replace(/^jail: "\d+"/, 'jail: "jid"')
        .trimEnd(),
    );
}
