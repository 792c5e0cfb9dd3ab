import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JtxError } from '../../src/error.ts';
import { option, packageNames } from '../../src/pkg/names.ts';

test.each(['nginx', 'www/nginx', 'nginx-1.26.2_3,3', 'py311-x@flavour', 'libstdc++', '0ad', 'p5-A.b~c'])(
  '%s is a name of a package',
  (name) => expect(packageNames([name])).toEqual([name]),
);

test.each(['', '-y', '--', '*', 'ng*', 'a b', '/etc/x.pkg', './x.pkg', 'a/b/c', 'a/-b', 'a;b', '$(x)', 'ä'])(
  '%j is refused as a name',
  (name) => expect(() => packageNames(['tiny', name])).toThrow(JtxError),
);

test('a name with a line break or of endless length is refused, and one asked for twice counts once', () => {
  expect(() => packageNames(['tiny\n'])).toThrow(JtxError);
  expect(() => packageNames(['a'.repeat(256)])).toThrow(JtxError);
  expect(packageNames(['b', 'a', 'b'])).toEqual(['b', 'a']);
});

test('no name that passes can be taken for an option, a pattern or a file', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        packageNames([text]);
      } catch {
        return;
      }
      expect(text).not.toMatch(/^[-./]|[*?[\]\s;&|<>$`'"\\]/);
    }),
  );
});

test.each([
  ['RUN_SCRIPTS=no', ['RUN_SCRIPTS', 'no']],
  ['LOCK_RETRIES=60', ['LOCK_RETRIES', '60']],
  ['VULNXML_SITE=http://h/?a=b', ['VULNXML_SITE', 'http://h/?a=b']],
  ['CONSERVATIVE_UPGRADE=', ['CONSERVATIVE_UPGRADE', '']],
])('-o %s', (text, expected) => expect(option(text)).toEqual(expected));

test.each([
  'ABI=x',
  'OSVERSION=1',
  'EVENT_PIPE=/x',
  'ALIAS=',
  'PLUGINS=x',
  'PLUGINS_CONF_DIR=/x',
  'PKG_ENABLE_PLUGINS=yes',
  'PKG_DBDIR=/x',
  'PKG_CACHEDIR=/x',
  'ASSUME_ALWAYS_YES=no',
  'DEBUG_SCRIPTS=yes',
  'LD_PRELOAD=/x.so',
  'PATH=/x',
  'abi=x',
  'ABI',
  '=x',
  '',
  'A B=x',
])('-o %s is refused', (text) => expect(() => option(text)).toThrow(JtxError));
