import { existsSync, readFileSync } from 'node:fs';
import type { LocalDatabase } from './local-database.ts';
import type { LocalPackage, Manifest } from './manifest.ts';
import { mergeThreeWays } from './merge.ts';
import type { ConfigDecision } from './put-in-place.ts';
import type { Session } from './session.ts';

/** Decides for each configuration file that was edited: merged, or the new one beside it. */
export function decideConfigs(
  session: Session,
  database: LocalDatabase,
  pkg: Manifest,
  old: LocalPackage | undefined,
  contents: Map<string, string>,
): Map<string, ConfigDecision> {
  const decisions = new Map<string, ConfigDecision>();
  if (old === undefined) return decisions;
  for (const path of pkg.config) {
    const place = session.root.followed(path);
    if (!existsSync(place)) continue;
    const original = database.configContent(path);
    if (original === undefined) {
      if (!old.config.includes(path)) decisions.set(path, 'aside');
      continue;
    }
    const edited = readFileSync(place, 'utf8');
    if (edited === original) continue;
    const merged = session.config.boolean('AUTOMERGE')
      ? mergeThreeWays(original, edited, contents.get(path) ?? '')
      : undefined;
    if (merged === undefined) {
      if (session.config.boolean('AUTOMERGE')) {
        session.reporter.error(`Impossible to merge configuration file: ${path}`);
      }
      decisions.set(path, 'aside');
    } else decisions.set(path, { merged });
  }
  return decisions;
}
