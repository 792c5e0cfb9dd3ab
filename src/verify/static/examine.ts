import type { ElfFile } from '../../elf/read-elf.ts';
import type { Finding, Findings } from './finding.ts';
import type { JailFile, JailFiles } from './jail-files.ts';
import { linuxTree, systemOf } from './linker.ts';
import { type JailSystem, type Linkers, linkersOf } from './linkers.ts';
import { type Examined, judgeLoading } from './loading.ts';
import { isNeverRun, isOfBase, isRunFrom, isService } from './place.ts';
import type { Registered } from './registered.ts';

/** A file that is to be looked at. */
export interface PackageFile {
  path: string;
  package: string;
}

/** What is wrong with a file before anything that it needs is looked at. */
interface FileFault {
  says: string;
  /** Of which files it counts. */
  decides: 'of-all' | 'of-run' | 'of-services';
}

/**
 * Looks at files of packages without running any of them: whether each fits the jail's machine and base, and whether
 * its dynamic linker would find all that it needs.
 */
export function examine(
  files: readonly PackageFile[],
  system: JailSystem,
  jail: JailFiles,
  registered: Registered,
): Findings {
  const linkers = linkersOf(system, jail);
  const found: Findings = { files: 0, faults: [], notes: [] };
  const put = (decides: boolean, finding: Finding): void => {
    found[decides ? 'faults' : 'notes'].push(finding);
  };
  const examined: Examined[] = [];
  const seen = new Set<string>();
  const run = identitiesOf(files, jail, isRunFrom);
  const services = identitiesOf(files, jail, isService);
  const emulated = identitiesOf(files, jail, (path) => path.startsWith(`${linuxTree}/`));
  const counts = (fault: FileFault, identity: string): boolean =>
    fault.decides === 'of-all' || (fault.decides === 'of-run' ? run : services).has(identity);
  for (const file of files) {
    const content = isNeverRun(file.path) ? undefined : jail.look(file.path);
    if (!content || content.content === 'other' || seen.has(content.identity)) continue;
    seen.add(content.identity);
    found.files += 1;
    const fault = faultOf(content, system, jail, linkers, registered);
    const { identity, elf } = content;
    if (fault) put(counts(fault, identity), { ...file, fault: fault.says });
    else if (elf) {
      const counted = elf.machine === system.machine && (isForJail(elf) || emulated.has(identity));
      const decisive = counted || run.has(identity);
      examined.push({ file, candidate: { ...content, elf }, decisive });
    }
  }
  for (const { decides, finding } of judgeLoading(examined, jail, linkers, registered)) put(decides, finding);
  return found;
}

/**
 * Whether it says itself that the jail is to run or load it: packages keep libraries for several systems beside each
 * other, of which a program picks, and those of Android have no mark at all.
 */
function isForJail(elf: ElfFile): boolean {
  return elf.interpreter !== undefined || systemOf(elf) === 'freebsd';
}

/** Of a file with several names, links or hard ones, one is enough by which it is run, whichever comes first. */
function identitiesOf(
  files: readonly PackageFile[],
  jail: JailFiles,
  isThere: (path: string) => boolean,
): Set<string> {
  const identities = files.filter(({ path }) => isThere(path)).map(({ path }) => jail.look(path)?.identity);
  return new Set(identities.filter((identity) => identity !== undefined));
}

function faultOf(
  { content }: JailFile,
  system: JailSystem,
  jail: JailFiles,
  linkers: Linkers,
  registered: Registered,
): FileFault | undefined {
  const strange = (says: string): FileFault => ({ says, decides: 'of-run' });
  if (content === 'other') return undefined;
  if ('broken' in content) return strange(`is no whole ELF file: ${content.broken}`);
  if ('script' in content) {
    const { script } = content;
    if (jail.look(script)) return undefined;
    // Packages have scripts for interpreters that they do not depend on: qshape of Postfix is for perl.
    const expected = isOfBase(script) || registered.has(script);
    const says = `is a script for ${script}, which is not there`;
    return { says, decides: expected ? 'of-run' : 'of-services' };
  }
  const { elf } = content;
  if (!elf.loadable) return undefined;
  if (elf.machine === undefined || !linkers.machines.includes(elf.machine)) {
    const machine = elf.machine ?? `machine ${elf.machineNumber}`;
    return strange(`is for ${machine}, and the jail for ${system.machine}`);
  }
  if (elf.osversion !== undefined && release(elf.osversion) > release(system.osversion)) {
    const says = `was built for FreeBSD ${elf.osversion}, and the jail's base is ${system.osversion}`;
    return { says, decides: 'of-all' };
  }
  if (elf.interpreter !== undefined && !linkers.hasInterpreter(elf, elf.interpreter))
    return strange(`needs ${elf.interpreter} to start, which is not there`);
  if (elf.dynamic !== undefined && !linkers.for(elf))
    return strange('is for a system that the jail does not have');
  return undefined;
}

/** Within a release programs run on every patch level. */
function release(osversion: number): number {
  return Math.floor(osversion / 1000);
}
