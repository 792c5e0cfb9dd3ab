import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { lauxlib, lua, lualib, to_luastring } from 'fengari';
import { describe, expect, it, test } from 'vitest';
import type { Run } from '../../src/host/run.ts';
import { rollbackTogether } from '../../src/zfs/rollback-program.ts';
import { scripted } from '../host/scripted.ts';

const web = 'zroot/jails/web';
const tree = [web, `${web}/data`];

test.each([
  ['{"return":"done"}\n', 0, { done: true }],
  ['{ "return": "done" }', 0, { done: true }],
  [`{"return":"newer: ${web}@daily"}`, 0, { done: false, refusal: `more recent ${web}@daily exists` }],
  [
    `{"return":"newer: bookmark of ${web}"}`,
    0,
    { done: false, refusal: `more recent bookmark of ${web} exists` },
  ],
  [`{"return":"refused: ${web} 16"}`, 0, { done: false, refusal: undefined }],
  [`{"return":"failed: ${web} 28"}`, 0, { done: false, refusal: undefined }],
  ['{"return":{}}', 0, { done: false, refusal: undefined }],
  ['', 0, { done: false, refusal: undefined }],
  ['{"return":"done"}', 1, { done: false, refusal: undefined }],
  ["unrecognized command 'program'\n", 2, { done: false, refusal: undefined }],
])('%j with status %d', async (stdout, status, together) => {
  const { run, options } = scripted({ 'zfs program': { status, stdout } });
  expect(await rollbackTogether(run, tree, 'jtx-01')).toEqual(together);
  expect(options).toEqual([{ changes: true }]);
});

test('nothing at all is rolled back without a process', async () => {
  const { run, calls } = scripted({});
  expect(await rollbackTogether(run, [], 'jtx-01')).toEqual({ done: true });
  expect(calls).toEqual([]);
});

/** Looks at the file of the program while zfs(8) has it. */
function looking(answer: Run): { run: Run; files: string[] } {
  const files: string[] = [];
  const run: Run = async (command, options) => {
    const file = command[4] ?? '';
    expect(command).toEqual(['zfs', 'program', '-j', 'zroot', file, 'jtx-01', ...tree]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    files.push(file);
    return answer(command, options);
  };
  return { run, files };
}

test('the program is there for nobody else, and gone afterwards', async () => {
  const { run, files } = looking(scripted({ zfs: { stdout: '{"return":"done"}' } }).run);
  await rollbackTogether(run, tree, 'jtx-01');
  const [file = ''] = files;
  expect(existsSync(file)).toBe(false);
  expect(existsSync(dirname(file))).toBe(false);
});

test('it is gone where it could not be run, or a name is none', async () => {
  const failing = looking(() => Promise.reject(new Error('the journal cannot be written')));
  await expect(rollbackTogether(failing.run, tree, 'jtx-01')).rejects.toThrow('the journal');
  expect(existsSync(dirname(failing.files[0] ?? '/'))).toBe(false);
  const beside = dirname(dirname(failing.files[0] ?? ''));
  const before = readdirSync(beside).filter((name) => name.startsWith('jtx-'));
  await expect(rollbackTogether(failing.run, [web, '-x'], 'jtx-01')).rejects.toMatchObject({
    code: 'dataset-name',
  });
  expect(readdirSync(beside).filter((name) => name.startsWith('jtx-') && !before.includes(name))).toEqual([]);
});

/** A pool as the program finds it: of each dataset its snapshots with their transaction groups, oldest first. */
interface Pool {
  snapshots: Readonly<Record<string, readonly (readonly [name: string, txg: number])[]>>;
  /** What zfs.check.rollback and zfs.sync.rollback answer, where it is not 0. */
  check?: Readonly<Record<string, number>>;
  sync?: Readonly<Record<string, number>>;
}

const quoted = (text: string): string => JSON.stringify(text);

/** The part of zfs-program(8) that the program uses; every rollback that it does is noted. */
function library({ snapshots, check = {}, sync = {} }: Pool): string {
  const answers = (numbers: Readonly<Record<string, number>>): string =>
    Object.entries(numbers)
      .map(([name, number]) => `[${quoted(name)}] = ${number}`)
      .join(', ');
  const lists = Object.entries(snapshots).map(([dataset, list]) => {
    const names = list.map(([name]) => quoted(`${dataset}@${name}`));
    return `[${quoted(dataset)}] = { ${names.join(', ')} }`;
  });
  const groups = Object.entries(snapshots).flatMap(([dataset, list]) =>
    list.map(([name, txg]) => `[${quoted(`${dataset}@${name}`)}] = ${txg}`),
  );
  return `
    local snapshots, txgs = { ${lists.join(', ')} }, { ${groups.join(', ')} }
    local checks, syncs = { ${answers(check)} }, { ${answers(sync)} }
    done = {}
    zfs = { list = {}, check = {}, sync = {} }
    function zfs.list.snapshots(dataset)
      local at = 0
      return function() at = at + 1 return snapshots[dataset][at] end
    end
    function zfs.get_prop(snapshot, property)
      assert(property == "createtxg")
      return txgs[snapshot], nil
    end
    function zfs.check.rollback(dataset)
      assert(#done == 0, "checked after the first change")
      return checks[dataset] or 0
    end
    function zfs.sync.rollback(dataset)
      table.insert(done, dataset)
      return syncs[dataset] or 0
    end
  `;
}

/** What the program returns, and which datasets it has rolled back. */
async function runProgram(pool: Pool): Promise<{ said: string; rolledBack: string[] }> {
  let program = '';
  const reading = looking(scripted({ zfs: {} }).run);
  const run: Run = (command, options) => {
    program = readFileSync(command[4] ?? '', 'utf8');
    return reading.run(command, options);
  };
  await rollbackTogether(run, tree, 'jtx-01');
  const argv = ['jtx-01', ...tree].map(quoted).join(', ');
  const code = to_luastring(`${library(pool)}
    local said = (function(...) ${program} end)({ argv = { ${argv} } })
    return said .. "\\n" .. table.concat(done, "\\n")`);
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  const failed =
    lauxlib.luaL_loadbuffer(state, code, null, code) !== lua.LUA_OK ||
    lua.lua_pcall(state, 0, -1, 0) !== lua.LUA_OK;
  const [said = '', ...rolledBack] = lua.lua_tojsstring(state, -1).split('\n');
  if (failed) throw new Error(said);
  return { said, rolledBack: rolledBack.filter((name) => name !== '') };
}

describe('the program', () => {
  const newest = [
    ['old', 5],
    ['jtx-01', 9],
  ] as const;
  const both = { [web]: newest, [`${web}/data`]: newest };

  it('rolls all back where their newest snapshot is the one', async () => {
    expect(await runProgram({ snapshots: both })).toEqual({ said: 'done', rolledBack: tree });
    // They are listed by name, not by age.
    const listed = { ...both, [web]: [...newest].reverse() };
    expect(await runProgram({ snapshots: listed })).toEqual({ said: 'done', rolledBack: tree });
  });

  it.each<[string, Pool, string]>([
    [
      'a newer snapshot of the last of them',
      { snapshots: { ...both, [`${web}/data`]: [...newest, ['foreign', 12]] } },
      `newer: ${web}/data@foreign`,
    ],
    [
      'a last one without the snapshot',
      { snapshots: { ...both, [`${web}/data`]: [['old', 5]] } },
      `newer: ${web}/data@old`,
    ],
    ['a last one without any', { snapshots: { ...both, [`${web}/data`]: [] } }, 'newer: '],
    [
      'a newer bookmark of the last of them',
      { snapshots: both, check: { [`${web}/data`]: 17 } },
      `newer: bookmark of ${web}/data`,
    ],
    [
      'a last one that is mounted',
      { snapshots: both, check: { [`${web}/data`]: 16 } },
      `refused: ${web}/data 16`,
    ],
  ])('with %s changes nothing', async (_what, pool, said) => {
    expect(await runProgram(pool)).toEqual({ said, rolledBack: [] });
  });

  it('says where it stopped', async () => {
    expect(await runProgram({ snapshots: both, sync: { [web]: 28 } })).toEqual({
      said: `failed: ${web} 28`,
      rolledBack: [web],
    });
  });
});
