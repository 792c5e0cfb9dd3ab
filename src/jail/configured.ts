import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JtxError, refused } from '../error.ts';
import { complaint, type Run } from '../host/run.ts';

/** A jail of jail.conf(5). */
export interface ConfiguredJail {
  name: string;
  path: string;
  /** The fstab(5) of what is mounted for it. */
  fstab: string | undefined;
  /** Further lines of such a table. */
  mounts: string[];
  /** The jails without which it is not started, and with which it is stopped. */
  depends: string[];
  /** Commands of its own may unmount more when it stops: those of the host, and of a jail that may mount. */
  unmountsMore: boolean;
}

/** A jail with a file of its own that cannot be read. */
export interface BrokenJail {
  name: string;
  /** `jail-conf-invalid`. */
  error: JtxError;
}

// jail -e does not escape a separator inside a value: a control character cannot stand in jail.conf(5).
const separator = '\u001f';

const mayUnmount = /^(?:exec\.(?:prestop|poststop|release)=|allow\.mount)/;

/**
 * Reads `jail -e SEPARATOR`: a jail a line, its name first (docs/freebsd-facts.md, jail). jail(8) puts a value
 * with spaces or quotes into quotes, of the kind that it does not contain, and a backslash before a backslash; of several
 * values it does so with each.
 */
export function parseConfigured(text: string): ConfiguredJail[] {
  const jails: ConfiguredJail[] = [];
  for (const line of text.split(/\n(?=name=)/)) {
    const values = new Map<string, string>();
    const parts = line.replace(/\n$/, '').split(separator);
    for (const part of parts) {
      const equals = part.indexOf('=');
      if (equals > 0) values.set(part.slice(0, equals), part.slice(equals + 1));
    }
    const [name, path, fstab] = ['name', 'path', 'mount.fstab'].map((key) => {
      const value = values.get(key);
      return value === undefined ? undefined : unquote(value);
    });
    if (name === undefined || path === undefined) continue;
    const [mounts, depends] = [listed(values.get('mount')), listed(values.get('depend'))];
    const unmountsMore = parts.some((part) => mayUnmount.test(part));
    jails.push({ name, path, fstab, mounts, depends, unmountsMore });
  }
  return jails;
}

const element = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^,\\])+/gs;

/** What a list consists of: a comma within quotes does not end an element. */
function listed(list = ''): string[] {
  return (list.match(element) ?? []).map(unquote);
}

function unquote(value: string): string {
  const bare = /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;
  return bare.replaceAll(/\\(.)/gs, '$1');
}

/**
 * The configured jails, as jail(8) itself understands jail.conf(5), and those that have a file of their own beside it,
 * where service(8) looks for one too. None where there is no file, or where jail(8) is older than 13.2 and has no -e.
 * One process, and one for each file that jail.conf does not include. A file of a jail's own that cannot be parsed concerns
 * that jail alone. Throws `jail-conf-invalid` where jail.conf itself cannot be.
 */
export async function listConfigured(
  run: Run,
  jailConf: string,
): Promise<{ configured: ConfiguredJail[]; broken: BrokenJail[] }> {
  const configured = existsSync(jailConf) ? await listFile(run, jailConf) : [];
  const broken: BrokenJail[] = [];
  for (const { name, file } of ownFiles(dirname(jailConf))) {
    if ([...configured, ...broken].some((jail) => jail.name === name)) continue;
    try {
      configured.push(...(await listFile(run, file)).filter((jail) => jail.name === name));
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      broken.push({ name, error });
    }
  }
  return { configured, broken };
}

async function listFile(run: Run, file: string): Promise<ConfiguredJail[]> {
  const printed = await run(['jail', '-f', file, '-e', separator]);
  if (printed.status === 0) return parseConfigured(printed.stdout);
  if (/usage:|illegal option/.test(printed.stderr)) return [];
  throw refused(
    'jail-conf-invalid',
    complaint(printed),
    `Mend ${file}; whether it is right: jail -f ${file} -e ,`,
  );
}

/** In the order of rc.d/jail, which takes the first that there is (FreeBSD 13 and later). */
function ownFiles(directory: string): { name: string; file: string }[] {
  const places = [
    { place: directory, pattern: /^jail\.(.+)\.conf$/ },
    { place: join(directory, 'jail.conf.d'), pattern: /^(.+)\.conf$/ },
  ];
  return places.flatMap(({ place, pattern }) =>
    namesIn(place).flatMap((entry) => {
      const name = pattern.exec(entry)?.[1];
      return name === undefined ? [] : [{ name, file: join(place, entry) }];
    }),
  );
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}
