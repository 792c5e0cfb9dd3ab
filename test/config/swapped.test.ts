import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { JtxError } from '../../src/error.ts';
import { temporaryDirectory } from '../host/temporary.ts';

/** What somebody does after each step by which a file is read. */
let between: (() => void) | undefined;

vi.mock('node:fs', async (load: () => Promise<typeof import('node:fs')>) => {
  const real = await load();
  const watched = <A extends unknown[], R>(step: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      const result = step(...args);
      between?.();
      return result;
    };
  };
  const { openSync, fstatSync, statSync, lstatSync, readFileSync } = real;
  return {
    ...real,
    openSync: watched(openSync),
    fstatSync: watched(fstatSync),
    statSync: watched(statSync),
    lstatSync: watched(lstatSync),
    readFileSync: watched(readFileSync),
  };
});

afterEach(() => {
  between = undefined;
});

function read(file: string): string {
  try {
    return loadConfig({ JTX_CONFIG: file }).pkg;
  } catch (error) {
    if (error instanceof JtxError && error.code === 'config-unsafe') return 'refused';
    throw error;
  }
}

test.each([
  [1, 'own', 'own'],
  [2, 'own', 'own'],
  [1, 'other', 'refused'],
  [2, 'other', 'refused'],
])(
  'a file that is swapped after step %i is judged, and read, as what it was: %s',
  async (at, first, then) => {
    const { renameSync } = await vi.importActual<typeof import('node:fs')>('node:fs');
    const directory = temporaryDirectory();
    const [config, next] = [join(directory, 'jtx.toml'), join(directory, 'next')];
    const [own, other] = first === 'own' ? [config, next] : [next, config];
    writeFileSync(own, 'pkg = "own"', { mode: 0o600 });
    writeFileSync(other, 'pkg = "other"');
    chmodSync(other, 0o666);
    let steps = 0;
    between = () => {
      steps += 1;
      if (steps === at) renameSync(next, config);
    };
    expect(read(config)).toBe(then);
    expect(steps).toBeGreaterThan(at);
  },
);
