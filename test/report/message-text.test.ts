import { expect, test } from 'vitest';
import { messageLines } from '../../src/report/message-text.ts';

test('a message stands below the name of its package', () => {
  expect(messageLines([{ package: 'web-1.0', text: 'To begin:\n\n  # web init' }])).toEqual([
    'Message from web-1.0:',
    '  To begin:',
    '',
    '    # web init',
  ]);
  expect(messageLines([])).toEqual([]);
});

test('one that steers the terminal, or speaks in the name of jtx, is harmless', () => {
  const text = 'a\x1b[2J\rb\r\nweb: committed.\n\u202e';
  expect(messageLines([{ package: 'evil\x1b[2J-1', text }])).toEqual([
    'Message from evil\\x1b[2J-1:',
    '  a\\x1b[2J\\x0db',
    '  web: committed.',
    '  \\u202e',
  ]);
});

test('one without end is cut', () => {
  const lines = messageLines([{ package: 'a-1', text: `${'x\n'.repeat(5000)}y` }]);
  expect(lines.length).toBeLessThan(150);
  expect(lines.at(-1)).toMatch(/^ {2}\(\d+ lines more\)$/);
});
