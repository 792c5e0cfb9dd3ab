import type { LuaRun } from './lua.ts';
import { runLua } from './lua-loader.ts';
import type { Manifest } from './manifest.ts';
import type { Occasion } from './scripts.ts';
import type { Session } from './session.ts';

/** Runs a package's Lua scripts of an occasion; false where one failed. */
export function runLuaScripts(
  session: Session,
  pkg: Manifest,
  occasion: Occasion,
  upgrade: boolean,
): boolean {
  for (const script of pkg.luaScripts[occasion] ?? []) {
    const { code, args } = scriptArguments(script);
    const run: LuaRun = {
      code,
      args,
      globals: {
        pkg_name: pkg.name,
        pkg_version: pkg.version,
        pkg_prefix: pkg.prefix,
        pkg_rootdir: session.options.rootdir ?? '/',
        pkg_upgrade: upgrade,
      },
    };
    const failure = runLua(session, run);
    if (failure === undefined) continue;
    if (failure !== '') session.reporter.error(`Failed to execute lua script: ${failure}`);
    session.reporter.error('lua script failed');
    return false;
  }
  return true;
}

/** A first line `-- args: a b` gives a script its arguments. */
function scriptArguments(script: string): { code: string; args: string[] } {
  const found = /^-- args:([^\n]*)\n/.exec(script);
  if (found === null) return { code: script, args: [] };
  return { code: script, args: (found[1] ?? '').trim().split(/\s+/) };
}
