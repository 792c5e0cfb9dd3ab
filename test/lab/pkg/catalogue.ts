import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { memberOf } from './archive.ts';
import { isTrusted } from './catalogue-signature.ts';
import { repositoryPath } from './host-paths.ts';
import type { Download } from './http.ts';
import { handleInterrupts } from './interrupt.ts';
import type { Repository } from './repositories.ts';
import { catalogueState, databasePath, writeCatalogue } from './repository-database.ts';
import type { Session } from './session.ts';
import { STATUS } from './status.ts';
import { TarError } from './tar.ts';

/** Updates the catalogues of all repositories, or of those named; gives pkg's status. */
export async function updateCatalogues(
  session: Session,
  force: boolean,
  strict: boolean,
  names: readonly string[] = [],
): Promise<number> {
  const { reporter } = session;
  const chosen = session.repositories.filter((repository) =>
    names.length > 0 ? names.includes(repository.name) : repository.enabled,
  );
  let status: number = STATUS.fatal;
  let updated = 0;
  if (session.repositories.length === 0 && names.length === 0) {
    reporter.complain('No active remote repositories configured.');
    return STATUS.fatal;
  }
  if (chosen.length === 0) {
    reporter.say('No repositories are enabled.\n');
    return STATUS.fatal;
  }
  for (const repository of chosen) {
    reporter.say(`Updating ${repository.name} repository catalogue...\n`);
    const outcome = await updateOne(session, repository, force);
    if (outcome === 'current') reporter.say(`${repository.name} repository is up to date.\n`);
    status = outcome === 'failed' ? STATUS.fatal : STATUS.ok;
    if (outcome !== 'failed') updated += 1;
  }
  if (updated === chosen.length) reporter.say('All repositories are up to date.\n');
  else {
    reporter.say('Error updating repositories!\n');
    if (strict || chosen.length === 1) status = STATUS.fatal;
  }
  return status;
}

type Outcome = 'updated' | 'current' | 'failed';

async function updateOne(session: Session, repository: Repository, force: boolean): Promise<Outcome> {
  const { reporter, root, config } = session;
  const directory = `${config.string('PKG_DBDIR')}/repos/${repository.name}`;
  root.makeDirectory(directory);
  const path = root.followed(databasePath(session, repository));
  const state = catalogueState(session, repository);
  if (state === 'other-url') {
    reporter.error(`Repository ${repository.name} has a wrong packagesite, need to re-create database`);
  }
  const since = state === 'usable' && !force ? Math.floor(statSync(path).mtimeMs / 1000) : 0;
  writeFileSync(root.followed(`${directory}/lock`), '');
  if (repository.signatureType === 'pubkey' && !existsSync(root.followed(repository.pubkey))) {
    // The real one frees what it never allocated here and aborts.
    process.stderr.write('free(): invalid pointer\n');
    process.kill(process.pid, 'SIGABRT');
  }
  const outcome = await proceed(session, repository, since);
  reporter.event();
  if (outcome === 'failed') {
    reporter.notice(`Unable to update repository ${repository.name}`);
    // A failed update takes the catalogue of before along.
    rmSync(path, { force: true });
  }
  return outcome;
}

async function proceed(session: Session, repository: Repository, since: number): Promise<Outcome> {
  const { reporter, root, config } = session;
  const meta = await fetchMeta(session, repository, since);
  if (meta.kind === 'content') {
    const place = `${config.string('PKG_DBDIR')}/repos/${repository.name}/meta`;
    writeFileSync(root.followed(place), meta.content);
  } else if (meta.kind !== 'unchanged') {
    reporter.notice(`repository ${repository.name} has no meta file, using default settings`);
  }
  const found = await fetchCatalogue(session, repository, since);
  if (found === 'current' || found === 'failed') return found;
  const packages = packagesIn(found.content);
  if (packages === undefined) {
    reporter.error('Repo extraction failed');
    return 'failed';
  }
  reporter.event();
  reporter.event();
  handleInterrupts();
  reporter.event();
  reporter.progressStart('Processing entries');
  if (!processEntries(session, packages)) return 'failed';
  writeCatalogue(session, repository, packages);
  if (found.modified !== undefined) {
    utimesSync(root.followed(databasePath(session, repository)), found.modified, found.modified);
  }
  reporter.event(
    `{ "type": "INFO_INCREMENTAL_UPDATE", "data": {"name": "${repository.name}", "processed": ${packages.length}}}`,
  );
  reporter.say(`${repository.name} repository update completed. ${packages.length} packages processed.\n`);
  return 'updated';
}

/**
 * The catalogue, or the older form of it where the first cannot be had or is not to be trusted. The second is
 * asked for only if it is newer than the first: what was refused then counts as up to date.
 */
async function fetchCatalogue(
  session: Session,
  repository: Repository,
  since: number,
): Promise<Fetched | 'current' | 'failed'> {
  let newerThan = since;
  for (const name of ['data', 'packagesite']) {
    let fetched = await fetchFile(session, repository, `${name}.pkg`, newerThan, false);
    if (fetched.kind === 'unchanged') return 'current';
    if (fetched.kind !== 'content')
      fetched = await fetchFile(session, repository, `${name}.tzst`, newerThan, false);
    if (fetched.kind !== 'content') continue;
    newerThan = fetched.modified ?? newerThan;
    if (isTrusted(session, repository, fetched.content)) return fetched;
  }
  return 'failed';
}

type Fetched = Extract<Download, { kind: 'content' }>;

async function fetchMeta(session: Session, repository: Repository, since: number): Promise<Download> {
  const meta = await fetchFile(session, repository, 'meta.conf', since, true);
  if (meta.kind === 'content' || meta.kind === 'unchanged') return meta;
  return fetchFile(session, repository, 'meta.txz', since, false);
}

async function fetchFile(
  session: Session,
  repository: Repository,
  name: string,
  since: number,
  silent: boolean,
): Promise<Download> {
  const label = `Fetching ${name.replace(/\.(pkg|txz|tzst)$/, '')}`;
  if (repository.url.startsWith('file://')) return readPlace(session, repository, name, since, label, silent);
  const url = `${repository.url}/${name}`;
  const { download } = await import('./http.ts');
  return download(session, { url, label, counted: false, since, silent, expectedSize: undefined });
}

function readPlace(
  session: Session,
  repository: Repository,
  name: string,
  since: number,
  label: string,
  silent: boolean,
): Download {
  const url = `${repository.url}/${name}`;
  const path = repositoryPath(session, url.slice('file://'.length));
  if (!existsSync(path)) {
    if (!silent) session.reporter.error(`${url}: No such file or directory`);
    return { kind: 'missing' };
  }
  const modified = Math.floor(statSync(path).mtimeMs / 1000);
  if (since > 0 && modified <= since) return { kind: 'unchanged' };
  const content = readFileSync(path);
  session.reporter.event(`{ "type": "INFO_FETCH_BEGIN", "data": { "url": "${url}" }}`);
  session.reporter.progressStart(label);
  session.reporter.progressTick(content.length, content.length);
  session.reporter.event(`{ "type": "INFO_FETCH_FINISHED", "data": { "url": "${url}" }}`);
  return { kind: 'content', content, modified };
}

function packagesIn(archive: Buffer): unknown[] | undefined {
  try {
    const data = memberOf(archive, 'data');
    if (data !== undefined) {
      const read: unknown = JSON.parse(data.toString('utf8'));
      if (typeof read !== 'object' || read === null || !('packages' in read)) return undefined;
      return Array.isArray(read.packages) ? read.packages : undefined;
    }
    const site = memberOf(archive, 'packagesite.yaml');
    if (site === undefined) return undefined;
    const lines = site.toString('utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').map((line): unknown => JSON.parse(line));
  } catch (error) {
    if (error instanceof TarError || error instanceof Error) return undefined;
    throw error;
  }
}

/** The only place where pkg looks at the ABI of packages. */
function processEntries(session: Session, packages: readonly unknown[]): boolean {
  const { reporter, config } = session;
  const total = packages.length;
  for (const [index, entry] of packages.entries()) {
    const abi = member(entry, 'abi') || member(entry, 'arch');
    if (!abiFits(abi, config.abi)) {
      reporter.error(`wrong architecture: ${abi} instead of ${config.abi}`);
      reporter.error(`repository contains packages with wrong ABI: ${abi}`);
      return false;
    }
    const annotations: unknown =
      typeof entry === 'object' && entry !== null && 'annotations' in entry ? entry.annotations : undefined;
    const built = Number(member(annotations, 'FreeBSD_version'));
    if (!config.boolean('IGNORE_OSVERSION') && built - config.osVersion >= 100000) {
      reporter.error(
        `Newer FreeBSD version for package ${member(entry, 'name')}:\n` +
          'To ignore this error set IGNORE_OSVERSION=yes\n' +
          `- package: ${built}\n- running kernel: ${config.osVersion}`,
      );
      return false;
    }
    // Asked, and with -y answered, without a word: all that shows is an empty event.
    if (!config.boolean('IGNORE_OSVERSION') && built > config.osVersion) {
      reporter.event();
      if (!session.yes) return false;
    }
    if ((index + 1) % 10 === 0) reporter.progressTick(index + 1, total);
  }
  reporter.progressTick(total, total);
  return true;
}

function abiFits(abi: string, wanted: string): boolean {
  const parts = abi.toLowerCase().split(':');
  return wanted
    .toLowerCase()
    .split(':')
    .every((part, index) => parts[index] === '*' || parts[index] === part);
}

function member(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' ? found : '';
}
