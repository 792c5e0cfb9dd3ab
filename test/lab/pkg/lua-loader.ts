import { readdirSync } from 'node:fs';
import type { LuaRun } from './lua.ts';
import type { Manifest } from './manifest.ts';
import type { Session } from './session.ts';

let run: ((session: Session, script: LuaRun) => string | undefined) | undefined;

/** Loads Lua where a package or a trigger may want it: most runs do not, and it takes its time. */
export async function loadLuaFor(session: Session, pkg: Manifest | undefined): Promise<void> {
  if (run !== undefined) return;
  const wanted = Object.keys(pkg?.luaScripts ?? {}).length > 0;
  if (wanted || session.config.list('PKG_TRIGGERS_DIR').some((path) => hasEntries(session, path))) {
    run = (await import('./lua.ts')).runLua;
  }
}

/** Runs a Lua script; see lua.ts. */
export function runLua(session: Session, script: LuaRun): string | undefined {
  if (run === undefined) throw new Error('Lua was not loaded');
  return run(session, script);
}

function hasEntries(session: Session, path: string): boolean {
  try {
    return readdirSync(session.root.followed(path)).length > 0;
  } catch {
    return false;
  }
}
