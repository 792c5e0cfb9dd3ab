import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { loadLuaFor, runLua } from './lua-loader.ts';
import type { Manifest } from './manifest.ts';
import type { Session } from './session.ts';
import { isObject, parseUcl, type Ucl } from './ucl.ts';

interface Trigger {
  name: string;
  script: string;
  paths: string[];
  globs: string[];
  expressions: string[];
}

const cleanups: Trigger[] = [];

/** Runs the triggers whose paths were touched; false where one failed, and the end event is not sent then. */
export async function runTriggers(session: Session): Promise<boolean> {
  const { reporter } = session;
  await loadLuaFor(session, undefined);
  const triggers = loadTriggers(session, '', 'trigger');
  reporter.event('{ "type": "INFO_TRIGGERS_BEGIN", "data": {}}');
  for (const trigger of cleanups.splice(0)) if (!run(session, trigger, true, [])) return false;
  for (const trigger of triggers) {
    const matched = [...session.touched].filter((path) => matches(trigger, path));
    if (matched.length > 0 && !run(session, trigger, false, matched)) return false;
  }
  reporter.event('{ "type": "INFO_TRIGGERS_FINISHED", "data": {}}');
  return true;
}

/** Runs the triggers of one package's phase; a failing one is told and passed over. */
export function runPackageTriggers(session: Session, pkg: Manifest, phase: string, upgrade: boolean): void {
  const triggers = loadTriggers(session, phase, 'trigger');
  if (triggers.length === 0) return;
  const paths = new Set<string>();
  for (const file of pkg.files) paths.add(file.path).add(posix.dirname(file.path));
  for (const directory of pkg.directories) paths.add(directory.path);
  for (const trigger of triggers) {
    const matched = [...paths].filter((path) => matches(trigger, path));
    if (matched.length === 0) continue;
    const globals = { pkg_name: pkg.name, pkg_version: pkg.version, pkg_upgrade: upgrade };
    if (!run(session, trigger, false, matched, globals)) {
      session.reporter.error(`per-package trigger ${trigger.name} failed for ${pkg.name}, continuing`);
    }
  }
}

/** Keeps the clean-up of a trigger whose file is about to go. */
export function cleanupTrigger(session: Session, path: string): void {
  for (const directory of session.config.list('PKG_TRIGGERS_DIR')) {
    if (posix.dirname(path) !== directory) continue;
    const trigger = loadTrigger(session, directory, posix.basename(path), 'cleanup');
    if (trigger !== undefined) cleanups.push(trigger);
  }
}

function run(
  session: Session,
  trigger: Trigger,
  cleanup: boolean,
  args: readonly string[],
  globals: Record<string, string | boolean> = { pkg_upgrade: false },
): boolean {
  const { reporter } = session;
  reporter.event(`{ "type": "INFO_TRIGGER", "data": { "cleanup": ${cleanup}, "name": "${trigger.name}" }}`);
  reporter.say(`==> ${cleanup ? 'Cleaning up' : 'Running'} trigger: ${trigger.name}\n`);
  const failure = runLua(session, { code: trigger.script, args, globals });
  if (failure === undefined) return true;
  if (failure !== '') reporter.error(`Failed to execute lua trigger: ${failure}`);
  reporter.error('lua script failed');
  return false;
}

function loadTriggers(session: Session, phase: string, block: 'trigger' | 'cleanup'): Trigger[] {
  const found: Trigger[] = [];
  for (const base of session.config.list('PKG_TRIGGERS_DIR')) {
    const directory = posix.join(base, phase);
    let names: string[];
    try {
      names = readdirSync(session.root.followed(directory));
    } catch {
      continue;
    }
    for (const name of names) {
      if (name.startsWith('.') || !name.endsWith('.ucl')) continue;
      const trigger = loadTrigger(session, directory, name, block);
      if (trigger !== undefined) found.push(trigger);
    }
  }
  return found;
}

function loadTrigger(
  session: Session,
  directory: string,
  name: string,
  block: 'trigger' | 'cleanup',
): Trigger | undefined {
  const { reporter, root } = session;
  let read: { [key: string]: Ucl };
  try {
    read = parseUcl(readFileSync(root.path(`${directory}/${name}`), 'utf8'));
  } catch (error) {
    reporter.error(`Error parsing: '${name}': ${error instanceof Error ? error.message : ''}`);
    return undefined;
  }
  const action = read[block];
  if (block === 'cleanup' && action === undefined) return undefined;
  if (!isObject(action) || typeof action['script'] !== 'string' || action['type'] !== 'lua') {
    reporter.error(`trigger definition ${name} cannot be validated: object has no property ${block}`);
    return undefined;
  }
  const trigger: Trigger = {
    name,
    script: action['script'],
    paths: texts(read['path']),
    globs: texts(read['path_glob']),
    expressions: texts(read['path_regexp']),
  };
  const patterns = trigger.paths.length + trigger.globs.length + trigger.expressions.length;
  if (block === 'trigger' && patterns === 0) {
    reporter.error(`No path* in trigger ${name}, skipping`);
    return undefined;
  }
  return trigger;
}

function texts(value: Ucl | undefined): string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === undefined ? [] : [String(value)];
}

function matches(trigger: Trigger, path: string): boolean {
  if (trigger.paths.includes(path)) return true;
  if (trigger.expressions.some((expression) => new RegExp(expression).test(path))) return true;
  return trigger.globs.some((glob) =>
    new RegExp(
      `^${glob
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    ).test(path),
  );
}
