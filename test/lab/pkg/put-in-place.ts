import { existsSync, lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Stage } from './extract.ts';
import type { FileEntry } from './manifest.ts';
import type { Session } from './session.ts';
import { hasSum } from './sums.ts';

/** How a configuration file's new content goes in. */
export type ConfigDecision = 'replace' | 'aside' | { merged: string };

/** What pkg knew about a path before the new content came. */
export interface Before {
  /** Paths there before that no package owned. */
  unowned: Set<string>;
  configs: Map<string, ConfigDecision>;
}

/** Renames everything that was staged to its place; old content goes, or aside as .pkgsave. */
export function putInPlace(
  session: Session,
  stage: Stage,
  files: readonly FileEntry[],
  before: Before,
): void {
  const { root } = session;
  const byPlace = new Map(files.map((file) => [root.path(file.path), file]));
  for (const { temporary, final } of stage.trees) {
    if (existsSync(final) && !lstatSync(final).isDirectory()) rmSync(final);
    renameSync(temporary, final);
  }
  for (const { temporary, final } of stage.files) {
    const file = byPlace.get(final);
    const decision = file === undefined ? 'replace' : (before.configs.get(file.path) ?? 'replace');
    if (typeof decision === 'object') {
      writeFileSync(temporary, decision.merged);
    }
    if (decision === 'aside') {
      rmSync(`${final}.pkgnew`, { force: true });
      renameSync(temporary, `${final}.pkgnew`);
      continue;
    }
    if (file !== undefined && before.unowned.has(file.path)) saveOther(final, file);
    if (isDirectory(final)) {
      renameSync(temporary, `${final}.pkgnew`);
      session.reporter.notice(
        `Cannot install ${file?.path ?? final}, installed as ${file?.path ?? final}.pkgnew`,
      );
      continue;
    }
    renameSync(temporary, final);
  }
  root.forget();
}

function isDirectory(path: string): boolean {
  return existsSync(path) && !lstatSync(path).isSymbolicLink() && statSync(path).isDirectory();
}

/** A file that no package owns and that is not the new one's content is kept as .pkgsave. */
function saveOther(final: string, file: FileEntry): void {
  if (!existsSync(final) || !lstatSync(final).isFile()) return;
  if (file.sum !== '' && hasSum(readFileSync(final), file.sum)) return;
  renameSync(final, `${final}.pkgsave`);
}
