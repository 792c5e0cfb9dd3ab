import type { Command, Run } from './run.ts';

/** Another host. */
export interface Remote {
  /** Perhaps with a user before it. */
  host: string;
  port: string | undefined;
}

// Nobody is there to be asked, nor to read the other host's banner, which would be told instead of what went wrong; and
// a host that is gone must not keep a night waiting.
const options = [
  'BatchMode=yes',
  'LogLevel=ERROR',
  'ConnectTimeout=20',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=4',
];

/** A command as it runs on another host. ssh(1) hands it to a shell there: every word is quoted for that. */
export function overSsh({ host, port }: Remote, command: Command): Command {
  const set = options.flatMap((option) => ['-o', option]);
  return [
    'ssh',
    ...set,
    ...(port === undefined ? [] : ['-p', port]),
    '--',
    host,
    command.map(quoted).join(' '),
  ];
}

/** Runs commands on another host. */
export function runOver(remote: Remote, run: Run): Run {
  return async (command, given) => ({ ...(await run(overSsh(remote, command), given)), command });
}

/** For sh(1), and for csh(1), root's shell on many hosts, which sees its history in a ! within quotes as well. */
function quoted(word: string): string {
  return `'${word.replaceAll(/['!]/g, (letter) => `'\\${letter}'`)}'`;
}
