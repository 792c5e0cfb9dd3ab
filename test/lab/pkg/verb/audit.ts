import { existsSync, readFileSync } from 'node:fs';
import { verbOptions } from '../getopt.ts';
import { openToRead } from '../local-database.ts';
import { nameVersion } from '../manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { compareVersions } from '../version.ts';

/** `pkg audit -f FILE`: the installed packages that a vulnerability list names. */
export function audit(session: Session, args: readonly string[]): number {
  const options = verbOptions('audit', args, 'f:FqrR:', {
    file: 'f',
    fetch: 'F',
    quiet: 'q',
    recursive: 'r',
  });
  const { reporter, root } = session;
  reporter.quiet = options.has('q');
  const path = options.values('f')[0] ?? '/var/db/pkg/vuln.xml';
  if (!existsSync(root.followed(path))) {
    reporter.error('vulnxml file not found, run "pkg audit -F" first');
    return STATUS.failure;
  }
  const list = readFileSync(root.followed(path), 'utf8');
  const database = openToRead(session);
  const found = (database?.packages() ?? []).filter((pkg) => affected(list, pkg.name, pkg.version));
  database?.close();
  for (const pkg of found) {
    reporter.print(reporter.quiet ? `${nameVersion(pkg)}\n` : `${nameVersion(pkg)} is vulnerable\n`);
  }
  reporter.say(`${found.length} problem(s) in ${found.length} package(s) found.\n`);
  return found.length > 0 ? STATUS.failure : STATUS.ok;
}

function affected(list: string, name: string, version: string): boolean {
  for (const [, body = ''] of list.matchAll(/<package>([\s\S]*?)<\/package>/g)) {
    if (!body.includes(`<name>${name}</name>`)) continue;
    for (const [, range = ''] of body.matchAll(/<range>([\s\S]*?)<\/range>/g)) {
      const bounds = [...range.matchAll(/<(lt|le|gt|ge|eq)>([^<]*)</g)];
      const inside = bounds.every(([, operator, bound = '']) => {
        const order = compareVersions(version, bound);
        if (operator === 'lt') return order < 0;
        if (operator === 'le') return order <= 0;
        if (operator === 'gt') return order > 0;
        return operator === 'ge' ? order >= 0 : order === 0;
      });
      if (inside) return true;
    }
  }
  return false;
}
