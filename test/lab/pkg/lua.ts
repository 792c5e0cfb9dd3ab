import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type LuaState, lauxlib, lua, lualib, to_jsstring, to_luastring } from 'fengari';
import type { Session } from './session.ts';

/** One Lua script to run. */
export interface LuaRun {
  code: string;
  args: readonly string[];
  globals: Record<string, string | boolean>;
}

/** Runs a Lua script in the root; gives why it failed ("" for a plain non-zero result). */
export function runLua(session: Session, run: LuaRun): string | undefined {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  openFiles(session, state);
  openPkg(session, state);
  for (const [name, value] of Object.entries(run.globals)) {
    if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
    else lua.lua_pushstring(state, to_luastring(value));
    lua.lua_setglobal(state, to_luastring(name));
  }
  lua.lua_newtable(state);
  for (const [index, argument] of run.args.entries()) {
    lua.lua_pushstring(state, to_luastring(argument));
    lua.lua_seti(state, -2, index + 1);
  }
  lua.lua_setglobal(state, to_luastring('arg'));
  const code = to_luastring(run.code);
  const failed =
    lauxlib.luaL_loadbuffer(state, code, null, code) !== lua.LUA_OK ||
    lua.lua_pcall(state, 0, -1, 0) !== lua.LUA_OK;
  if (failed) return lua.lua_tojsstring(state, -1);
  return lua.lua_gettop(state) > 0 && lua.lua_tonumber(state, -1) !== 0 ? '' : undefined;
}

/** io.open and friends, inside the root and whole files at a time. */
function openFiles(session: Session, state: LuaState): void {
  const table = (functions: Record<string, (state: LuaState) => number>): void => {
    lua.lua_newtable(state);
    for (const [name, call] of Object.entries(functions)) {
      lua.lua_pushcfunction(state, call);
      lua.lua_setfield(state, -2, to_luastring(name));
    }
  };
  const open = (current: LuaState): number => {
    const path = session.root.followed(to_jsstring(lauxlib.luaL_checkstring(current, 1)));
    const mode = to_jsstring(lauxlib.luaL_optstring(current, 2, to_luastring('r')));
    let content = '';
    try {
      if (!mode.startsWith('w'))
        content = existsSync(path) || mode.startsWith('r') ? readFileSync(path, 'utf8') : '';
      if (!mode.startsWith('r')) writeFileSync(path, content);
    } catch (error) {
      lua.lua_pushnil(current);
      lua.lua_pushstring(current, to_luastring(error instanceof Error ? error.message : 'error'));
      return 2;
    }
    let at = 0;
    table({
      write: (call) => {
        for (let index = 2; index <= lua.lua_gettop(call); index += 1)
          content += lua.lua_tojsstring(call, index);
        return 0;
      },
      read: (call) => {
        const what = to_jsstring(lauxlib.luaL_optstring(call, 2, to_luastring('l')));
        const end = content.indexOf('\n', at);
        if (!what.includes('a') && at >= content.length) {
          lua.lua_pushnil(call);
          return 1;
        }
        const until = what.includes('a') || end < 0 ? content.length : end;
        lua.lua_pushstring(call, to_luastring(content.slice(at, until)));
        at = until + 1;
        return 1;
      },
      close: () => {
        if (!mode.startsWith('r')) writeFileSync(path, content);
        return 0;
      },
    });
    return 1;
  };
  table({ open });
  lua.lua_setglobal(state, to_luastring('io'));
  const remove = (current: LuaState): number => {
    rmSync(session.root.path(to_jsstring(lauxlib.luaL_checkstring(current, 1))), { force: true });
    lua.lua_pushboolean(current, true);
    return 1;
  };
  const getenv = (current: LuaState): number => {
    const value = process.env[to_jsstring(lauxlib.luaL_checkstring(current, 1))];
    if (value === undefined) lua.lua_pushnil(current);
    else lua.lua_pushstring(current, to_luastring(value));
    return 1;
  };
  const time = (current: LuaState): number => {
    lua.lua_pushinteger(current, Math.floor(Date.now() / 1000));
    return 1;
  };
  table({ remove, getenv, time });
  lua.lua_setglobal(state, to_luastring('os'));
  const print = (current: LuaState): number => {
    const words: string[] = [];
    for (let index = 1; index <= lua.lua_gettop(current); index += 1)
      words.push(lua.lua_tojsstring(current, index));
    session.reporter.print(`${words.join('\t')}\n`);
    return 0;
  };
  lua.lua_pushcfunction(state, print);
  lua.lua_setglobal(state, to_luastring('print'));
}

/** The pkg table that Lua scripts are given. */
function openPkg(session: Session, state: LuaState): void {
  const inside = (current: LuaState, index: number): string =>
    session.root.followed(to_jsstring(lauxlib.luaL_checkstring(current, index)));
  const functions: Record<string, (current: LuaState) => number> = {
    print_msg: (current) => {
      session.reporter.message(to_jsstring(lauxlib.luaL_checkstring(current, 1)));
      return 0;
    },
    copy: (current) => {
      writeFileSync(inside(current, 2), readFileSync(inside(current, 1)));
      lua.lua_pushinteger(current, 0);
      return 1;
    },
    filecmp: (current) => {
      const same = readFileSync(inside(current, 1)).equals(readFileSync(inside(current, 2)));
      lua.lua_pushinteger(current, same ? 0 : 1);
      return 1;
    },
    symlink: (current) => {
      const target = to_jsstring(lauxlib.luaL_checkstring(current, 1));
      symlinkSync(target, session.root.path(to_jsstring(lauxlib.luaL_checkstring(current, 2))));
      return 0;
    },
    readdir: (current) => {
      const names = readdirSync(inside(current, 1));
      lua.lua_newtable(current);
      for (const [index, name] of names.entries()) {
        lua.lua_pushstring(current, to_luastring(name));
        lua.lua_seti(current, -2, index + 1);
      }
      return 1;
    },
    stat: (current) => {
      const path = inside(current, 1);
      if (!existsSync(path)) {
        lua.lua_pushnil(current);
        return 1;
      }
      const file = lstatSync(path);
      lua.lua_newtable(current);
      lua.lua_pushinteger(current, file.size);
      lua.lua_setfield(current, -2, to_luastring('size'));
      lua.lua_pushinteger(current, file.uid);
      lua.lua_setfield(current, -2, to_luastring('uid'));
      lua.lua_pushinteger(current, file.gid);
      lua.lua_setfield(current, -2, to_luastring('gid'));
      const type = file.isDirectory() ? 'dir' : file.isSymbolicLink() ? 'lnk' : 'reg';
      lua.lua_pushstring(current, to_luastring(type));
      lua.lua_setfield(current, -2, to_luastring('type'));
      return 1;
    },
    mkdirs: (current) => {
      mkdirSync(inside(current, 1), { recursive: true });
      return 0;
    },
    exec: (current) => {
      const args: string[] = [];
      for (let index = 1; index <= lua.lua_gettop(current); index += 1)
        args.push(lua.lua_tojsstring(current, index));
      const run = spawnSync('chroot', [session.root.directory, ...args], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      lua.lua_pushinteger(current, run.status ?? 0);
      return 1;
    },
  };
  lua.lua_newtable(state);
  for (const [name, call] of Object.entries(functions)) {
    lua.lua_pushcfunction(state, call);
    lua.lua_setfield(state, -2, to_luastring(name));
  }
  lua.lua_setglobal(state, to_luastring('pkg'));
}
