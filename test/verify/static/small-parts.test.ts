import { describe, expect, test } from 'vitest';
import { concerned, providerOf } from '../../../src/verify/static/concerned.ts';
import { parseListed } from '../../../src/verify/static/linker.ts';
import { isNeverRun, isOfBase, isRunFrom, isService } from '../../../src/verify/static/place.ts';
import { interpreterOf } from '../../../src/verify/static/script.ts';

test.each([
  ['/bin/sh', true],
  ['/usr/local/bin/psql', true],
  ['/usr/local/libexec/x/y', true],
  ['/usr/local/etc/rc.d/nginx', true],
  ['/usr/local/lib/libx.so', true],
  ['/usr/local/lib/libx.so.1.2', true],
  ['/usr/local/lib/x/libx.so.1', false],
  ['/usr/local/share/x/bin/y', false],
  ['/usr/local/lib/node_modules/x/bin/y', false],
  ['/usr/local/www/bin/y', false],
])('a jail runs what lies at %s: %s', (path, expected) => {
  expect(isRunFrom(path)).toBe(expected);
});

test.each([
  ['/usr/local/lib/debug/usr/local/bin/x.debug', true],
  ['/usr/local/bin/x.debug', true],
  ['/usr/local/lib/debugger.so', false],
  ['/usr/local/go123/src/debug/elf/testdata/gcc-386-freebsd-exec', true],
  ['/usr/local/bin/testdata', false],
  ['/usr/local/include/postgresql/server/c.h', true],
  ['/usr/local/share/man/man1/psql.1.gz', true],
  ['/usr/local/share/doc/x/README', true],
  ['/usr/share/zoneinfo/UTC', true],
  ['/usr/local/share/man/man1', true],
  ['/usr/local/share/x/doc/y', false],
  ['/usr/local/bin/include/x', false],
  ['/usr/local/includes/x', false],
  ['/usr/local/lib/x/share/man/y', false],
])('%s is never run: %s', (path, expected) => {
  expect(isNeverRun(path)).toBe(expected);
});

test.each([
  ['/bin/csh', true],
  ['/usr/bin/awk', true],
  ['/usr/local/bin/perl', false],
  ['/usr/locale', true],
  ['perl', false],
])("%s is the base's: %s", (path, expected) => {
  expect(isOfBase(path)).toBe(expected);
});

test.each([
  ['/usr/local/etc/rc.d/nginx', true],
  ['/etc/rc.d/cron', true],
  ['/usr/local/share/etc/rc.d/x', false],
  ['/usr/local/bin/rc.d', false],
])('%s is a service: %s', (path, expected) => {
  expect(isService(path)).toBe(expected);
});

test.each([
  ['#!/bin/sh\necho', '/bin/sh'],
  ['#! /usr/bin/env python3\n', '/usr/bin/env'],
  ['#!/bin/sh -e', '/bin/sh'],
  ['#!\n', undefined],
  ['#!   ', undefined],
  [' #!/bin/sh', undefined],
  ['', undefined],
])('the interpreter of %j', (text, expected) => {
  expect(interpreterOf(Buffer.from(text))).toBe(expected);
});

test('what packages ask ldconfig to know', () => {
  expect(parseListed('/usr/local/lib/x\n/usr/local/lib/y /z\nlib\n')).toEqual([
    '/usr/local/lib/x',
    '/usr/local/lib/y',
    '/z',
  ]);
});

describe('whom a change concerns', () => {
  const pkg = (name: string, provides: string[], requires: string[] = []) => ({
    name,
    version: '1.0',
    provides,
    requires,
  });
  const before = [pkg('icu', ['libicu.so.76']), pkg('pg', [], ['libicu.so.76']), pkg('tiny', [])];
  const after = [pkg('icu', ['libicu.so.77']), pkg('pg', [], ['libicu.so.76']), pkg('tiny', [])];

  test('the packages that changed, and those that need a library which they had', () => {
    expect(concerned(['icu'], before, after)).toEqual({
      changed: new Set(['icu']),
      dependents: new Set(['pg']),
      libraries: new Set(['libicu.so.76', 'libicu.so.77']),
    });
  });

  test('one that has gone concerns those that needed it', () => {
    const { changed, dependents } = concerned(['icu'], before, after.slice(1));
    expect([changed, dependents]).toEqual([new Set(), new Set(['pg'])]);
  });

  test('of 32 bits or of Linux those that need the same kind, by the name that their files have', () => {
    const [all, of32, ofLinux] = [
      ['libx.so.1', 'libx.so.1:32', 'liby.so.1:Linux:32'],
      'libx.so.1:32',
      'liby.so.1:Linux:32',
    ];
    const installed = [pkg('x', all), pkg('wine', [], [of32]), pkg('steam', [], [ofLinux])];
    const other = pkg('other', [], ['liby.so.1', 'liby.so.1:Linux']);
    const { dependents, libraries } = concerned(['x'], installed, [...installed, other]);
    expect([dependents, libraries]).toEqual([
      new Set(['wine', 'steam']),
      new Set(['libx.so.1', 'liby.so.1']),
    ]);
    expect(providerOf('liby.so.1', installed, [])).toBe('x 1.0 had it');
  });

  test('nobody else', () => {
    expect(concerned(['tiny'], before, before).dependents).toEqual(new Set());
  });

  test.each([
    ['libicu.so.76', 'icu 1.0 had it'],
    ['libicu.so.77', 'icu has it elsewhere'],
    ['libnone.so.1', 'no installed package has it'],
  ])('where %s could come from', (library, expected) => {
    expect(providerOf(library, before, after)).toBe(expected);
  });
});
