import fc from 'fast-check';
import { expect, test } from 'vitest';
import { colours, wantsColour } from '../../src/report/colour.ts';
import { envelope } from '../../src/report/json.ts';
import { safeLine, safeText } from '../../src/report/safe-text.ts';
import { size } from '../../src/report/size.ts';
import { absoluteTime, duration, relativeTime } from '../../src/report/time.ts';

test('the envelope is one line', () => {
  expect(envelope('show', { text: 'a\nb' })).toBe('{"jtx":1,"verb":"show","text":"a\\nb"}');
});

test.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [420, '0.4 s'],
  [9949, '9.9 s'],
  [9950, '10 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%d ms last %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test('times are relative to the now that is handed in', () => {
  expect(relativeTime(1_000_000, 1_180_000)).toBe('3 minutes ago');
  expect(absoluteTime(1_760_000_000_000)).toMatch(/^2025-10-\d\d \d\d:\d\d:20$/);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_048_575, '1.0 MiB'],
  [28_311_552, '27.0 MiB'],
  [2 ** 51, '2048.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test('colour only on a terminal that wants it', () => {
  expect(wantsColour({ isTTY: true }, {})).toBe(true);
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(wantsColour({}, {})).toBe(false);
  expect(colours(false).red('x')).toBe('x');
  expect(colours(true).red('x')).toBe('\x1b[31mx\x1b[39m');
});

test.each([
  ['\x1b]0;title\x07\x1b[2J', '\\x1b]0;title\\x07\\x1b[2J'],
  ['done\rfake', 'done\\x0dfake'],
  ['one\r\ntwo\tthree', 'one\ntwo\tthree'],
  ['\u009b31m\u007f', '\\x9b31m\\x7f'],
  ['a\u202eb\u{e0041}', 'a\\u202eb\\u{e0041}'],
  ['\ud800', '\\ud800'],
  ['größer 日本 🐘', 'größer 日本 🐘'],
])('%j is shown as %j', (text, shown) => {
  expect(safeText(text)).toBe(shown);
});

test('no text leaves anything that steers a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const safe = safeText(text);
      expect(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(safe)).toBe(false);
      expect(safeText(safe)).toBe(safe);
      expect(/[\n\t]/.test(safeLine(text))).toBe(false);
    }),
  );
});

test('JSON is read as what was written, and steers no terminal either', () => {
  expect(envelope('show', { text: '\u009b2J\u202e\u{e0041}\u007f größer' })).toBe(
    '{"jtx":1,"verb":"show","text":"\\u009b2J\\u202e\\udb40\\udc41\\u007f größer"}',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = envelope('show', { text });
      expect(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/.test(json)).toBe(false);
      expect(JSON.parse(json).text).toBe(text);
    }),
  );
});
