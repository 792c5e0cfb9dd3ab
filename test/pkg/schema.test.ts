import { expect, test } from 'vitest';
import { newestSchema, schemaWritten } from '../../src/pkg/schema.ts';

test.each([
  ['1.17.5', undefined],
  ['1.18.0', 36],
  ['1.21.3', 36],
  ['2.0.6', 36],
  ['2.3.1', 36],
  ['2.4.2', 37],
  ['2.5.1', 37],
  ['2.6.2', 38],
  ['2.7.5', 39],
  ['2.8.0', 42],
  ['2.8.99', 42],
  ['2.10.0', 42],
  ['3.0', 42],
  ['', undefined],
  ['pkg', undefined],
  ['2', undefined],
])('pkg %j writes at least %j', (version, schema) => {
  expect(schemaWritten(version)).toBe(schema);
});

test('the newest', () => {
  expect(newestSchema).toBe(42);
});
