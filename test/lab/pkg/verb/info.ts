import { archiveManifest } from '../archive.ts';
import { verbOptions } from '../getopt.ts';
import { openToRead } from '../local-database.ts';
import { type LocalPackage, type Manifest, nameVersion } from '../manifest.ts';
import { rawManifest } from '../raw-manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { matcher } from '../universe.ts';

const LONG = {
  all: 'a',
  exists: 'e',
  file: 'F',
  dependencies: 'd',
  'list-files': 'l',
  glob: 'g',
  regex: 'x',
  quiet: 'q',
  raw: '1',
  'raw-format': '2',
  'required-by': 'r',
  origin: 'o',
};

/** `pkg info`. */
export function info(session: Session, args: readonly string[]): number {
  const options = verbOptions('info', args, 'aAbBCdDeEfF:giIklOopqrRsx12:', LONG);
  const { reporter } = session;
  reporter.quiet = options.has('q');
  const file = options.values('F')[0];
  const raw = options.has('1') || options.has('R');
  if (file !== undefined) {
    const manifest = archiveManifest(session.root.followed(file));
    if (manifest === undefined) return STATUS.failure;
    reporter.print(raw ? `${JSON.stringify(rawManifest(manifest))}\n` : `${nameVersion(manifest)}\n`);
    return STATUS.ok;
  }
  const database = openToRead(session);
  if (database === undefined) {
    if (!options.has('e')) reporter.warn('package database non-existent');
    return options.has('e') || options.names.length > 0 ? STATUS.failure : STATUS.ok;
  }
  try {
    const all = database.packages();
    const match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
    const chosen =
      options.names.length === 0
        ? all
        : all.filter((pkg) => options.names.some((name) => matcher(name, match)(pkg)));
    if (options.has('e')) return chosen.length > 0 ? STATUS.ok : STATUS.failure;
    if (chosen.length === 0 && options.names.length > 0) {
      reporter.warn(`No package(s) matching ${options.names.join(' ')}`);
      return STATUS.failure;
    }
    if (raw) {
      const objects = chosen.map((pkg) => rawManifest({ ...pkg, files: database.files(pkg.id) }, pkg));
      const compact = (options.values('2')[0] ?? 'json').includes('compact');
      reporter.print(`${JSON.stringify(objects, undefined, compact ? undefined : 4)}\n`);
      return STATUS.ok;
    }
    for (const pkg of chosen) {
      if (options.has('l'))
        printList(
          session,
          pkg,
          database.files(pkg.id).map((entry) => entry.path),
        );
      else if (options.has('d')) printList(session, pkg, [...pkg.deps.map(nameVersion)]);
      else if (options.has('r')) {
        const users = all.filter((other) => other.deps.some((dep) => dep.name === pkg.name));
        printList(session, pkg, users.map(nameVersion));
      } else if (options.names.length > 0) reporter.print(full(pkg, pkg));
      else
        reporter.print(
          reporter.quiet ? `${nameVersion(pkg)}\n` : `${nameVersion(pkg).padEnd(30)} ${pkg.comment}\n`,
        );
    }
    return STATUS.ok;
  } finally {
    database.close();
  }
}

function printList(session: Session, pkg: Manifest, lines: readonly string[]): void {
  const { reporter } = session;
  reporter.say(`${nameVersion(pkg)}:\n`);
  for (const line of lines) reporter.print(reporter.quiet ? `${line}\n` : `\t${line}\n`);
}

function full(pkg: Manifest, local: LocalPackage): string {
  return (
    `${nameVersion(pkg)}\nName           : ${pkg.name}\nVersion        : ${pkg.version}\n` +
    `Installed on   : ${new Date(local.time * 1000).toUTCString()}\nOrigin         : ${pkg.origin}\n` +
    `Architecture   : ${pkg.abi}\nPrefix         : ${pkg.prefix}\nMaintainer     : ${pkg.maintainer}\n` +
    `WWW            : ${pkg.www}\nComment        : ${pkg.comment}\nFlat size      : ${pkg.flatsize}\n` +
    `Description    :\n${pkg.desc}\n`
  );
}
