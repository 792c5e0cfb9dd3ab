import { errorText } from './error-text.ts';
import { isDiskFull, type Stage } from './extract.ts';
import { handleInterrupts } from './interrupt.ts';
import { type Manifest, nameVersion } from './manifest.ts';
import type { Session } from './session.ts';
import { type TarEntry, TarError, tarEntries } from './tar.ts';
import { writeAll } from './write.ts';

/** Extracts a package's content under temporary names; false where that failed, with all of it left there. */
export async function extractPackage(
  session: Session,
  pkg: Manifest,
  tar: Buffer,
  stage: Stage,
): Promise<boolean> {
  const { reporter } = session;
  const total = pkg.files.length + pkg.directories.length;
  reporter.event();
  reporter.event(event('BEGIN', pkg));
  reporter.progressStart(`Extracting ${nameVersion(pkg)}`, true);
  reporter.progressTick(0, total);
  // The only time at which an interrupt undoes anything: what was renamed goes, what is temporary stays.
  handleInterrupts();
  let interrupted = false;
  const onInterrupt = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', onInterrupt);
  try {
    let done = 0;
    let shown = 0;
    for (const entry of tarEntries(tar)) {
      if (entry.path.startsWith('+')) continue;
      if (done % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (interrupted) return endInterrupted(onInterrupt);
      addEntry(stage, entry);
      if (entry.type === 'directory') continue;
      done += 1;
      if (total <= 100 || Math.floor((done * 100) / total) > shown) {
        shown = Math.floor((done * 100) / total);
        reporter.progressTick(done, total);
      }
    }
    reporter.progressTick(total, total);
  } catch (error) {
    if (!(error instanceof ExtractionError || error instanceof TarError)) throw error;
    reporter.error(error.message);
    return false;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
  reporter.event(event('FINISHED', pkg));
  reporter.event();
  return true;
}

class ExtractionError extends Error {}

function addEntry(stage: Stage, entry: TarEntry): void {
  try {
    stage.add(entry);
  } catch (error) {
    const reason = isDiskFull(error) ? 'Write error' : errorText(error);
    throw new ExtractionError(`Failed to extract ${entry.path} from package: ${reason}`);
  }
}

async function endInterrupted(handler: () => void): Promise<never> {
  writeAll(2, '\nsignal received, cleaning up\n');
  process.off('SIGINT', handler);
  process.kill(process.pid, 'SIGINT');
  return new Promise(() => undefined);
}

function event(phase: string, pkg: Manifest): string {
  return `{ "type": "INFO_EXTRACT_${phase}", "data": { "pkgname": "${pkg.name}", "pkgversion": "${pkg.version}"}}`;
}
