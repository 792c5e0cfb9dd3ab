declare module 'fengari' {
  /** A Lua state; opaque. */
  export interface LuaState {
    readonly luaState: unique symbol;
  }
  export type LuaFunction = (state: LuaState) => number;
  export function to_luastring(text: string): Uint8Array;
  export function to_jsstring(text: Uint8Array): string;
  export const lua: {
    LUA_OK: number;
    lua_pop(state: LuaState, count: number): void;
    lua_gettop(state: LuaState): number;
    lua_tonumber(state: LuaState, index: number): number;
    lua_isnone(state: LuaState, index: number): boolean;
    lua_isnoneornil(state: LuaState, index: number): boolean;
    lua_tojsstring(state: LuaState, index: number): string;
    lua_pushstring(state: LuaState, text: Uint8Array): void;
    lua_pushinteger(state: LuaState, value: number): void;
    lua_pushboolean(state: LuaState, value: boolean): void;
    lua_pushnil(state: LuaState): void;
    lua_pushcfunction(state: LuaState, call: LuaFunction): void;
    lua_newtable(state: LuaState): void;
    lua_setfield(state: LuaState, index: number, name: Uint8Array): void;
    lua_seti(state: LuaState, index: number, key: number): void;
    lua_setglobal(state: LuaState, name: Uint8Array): void;
    lua_pcall(state: LuaState, args: number, results: number, handler: number): number;
  };
  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_loadbuffer(state: LuaState, code: Uint8Array, size: number | null, name: Uint8Array): number;
    luaL_checkstring(state: LuaState, index: number): Uint8Array;
    luaL_optstring(state: LuaState, index: number, standard: Uint8Array): Uint8Array;
    luaL_error(state: LuaState, text: Uint8Array): number;
  };
  export const lualib: { luaL_openlibs(state: LuaState): void };
}
