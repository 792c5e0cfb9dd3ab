import { updateCatalogues } from '../catalogue.ts';
import { verbOptions } from '../getopt.ts';
import { openToRead } from '../local-database.ts';
import { nameVersion } from '../manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { readUniverse } from '../universe.ts';
import { compareVersions } from '../version.ts';

/** `pkg version`: compares two versions (-t), or what is installed with the catalogue (-R). */
export async function version(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('version', args, 'CE:e:gIiL:l:n:O:oPqRr:STtUvx', {
    'test-version': 't',
    remote: 'R',
    'no-repo-update': 'U',
    like: 'l',
    'not-like': 'L',
    quiet: 'q',
    verbose: 'v',
  });
  const { reporter } = session;
  if (options.has('t')) {
    const [a = '', b = ''] = options.names;
    reporter.print(`${sign(compareVersions(a, b))}\n`);
    return STATUS.ok;
  }
  reporter.quiet = true;
  if (!options.has('U')) await updateCatalogues(session, false, false);
  const database = openToRead(session);
  const universe = readUniverse(session, database);
  for (const pkg of universe.local.values()) {
    const remote = universe.remote.get(pkg.name)?.[0];
    const mark = remote === undefined ? '?' : sign(compareVersions(pkg.version, remote.version));
    const wanted = options.values('l')[0];
    const unwanted = options.values('L')[0];
    if ((wanted !== undefined && !wanted.includes(mark)) || unwanted?.includes(mark) === true) continue;
    if (options.has('q')) reporter.print(`${nameVersion(pkg)}\n`);
    else if (options.has('v') && mark === '<') {
      reporter.print(
        `${nameVersion(pkg).padEnd(35)}<   needs updating (remote has ${remote?.version ?? ''})\n`,
      );
    } else reporter.print(`${nameVersion(pkg).padEnd(35)}${mark}\n`);
  }
  database?.close();
  return STATUS.ok;
}

function sign(order: number): string {
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}
