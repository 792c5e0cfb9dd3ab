import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventReporter } from '../../src/report/event-reporter.ts';

class Collected extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }

  /** Each line, without what all of them have. */
  get events(): Record<string, unknown>[] {
    const lines = this.text.split('\n');
    expect(lines.pop()).toBe('');
    return lines.map((line) => {
      const { jtx, verb, at, ...rest } = JSON.parse(line);
      expect([jtx, verb, at]).toEqual([
        1,
        'install',
        expect.stringMatching(/^2026-03-01T00:00:\d\d\.\d{3}Z$/),
      ]);
      return rest;
    });
  }
}

const id = '01KTRANSACTION';
const wait = (milliseconds: number) => (): void => void vi.advanceTimersByTime(milliseconds);

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 2, 1) }));
afterEach(() => void vi.useRealTimers());

type Said = (events: EventReporter) => void;

test.each<[string, Said[], Record<string, unknown>[]]>([
  [
    'a step has the id once it is known',
    [
      (events) => events.step('recovering', '01KOTHER (run of web)'),
      (events) => events.step('started', id),
      (events) => events.step('planning'),
    ],
    [
      { event: 'step', id: null, step: 'recovering', detail: '01KOTHER (run of web)' },
      { event: 'step', id, step: 'started', detail: id },
      { event: 'step', id, step: 'planning', detail: null },
    ],
  ],
  [
    'a note, whatever it says, stays on its line',
    [(events) => events.note('one\ntwo\r\n{"jtx":1}\u2028\u202e\x1b[2J\0\ud800"')],
    [{ event: 'note', id: null, text: 'one\ntwo\r\n{"jtx":1}\u2028\u202e\x1b[2J\0\ud800"' }],
  ],
  [
    'a download and what is unpacked',
    [(events) => events.fetch(512, 1024, 'a.pkg'), wait(250), (events) => events.extract(3, 4, 'a\n')],
    [
      { event: 'progress', id: null, what: 'a.pkg', current: 512, total: 1024, unit: 'bytes' },
      { event: 'progress', id: null, what: 'a\n', current: 3, total: 4, unit: 'files' },
    ],
  ],
  [
    'a total that is unknown is none',
    [(events) => events.fetch(512, 0, 'a.pkg')],
    [{ event: 'progress', id: null, what: 'a.pkg', current: 512, total: null, unit: 'bytes' }],
  ],
  [
    'of many ticks four a second, the newest, and the last without another',
    [
      (events) => {
        for (let current = 0; current <= 100; current += 1) {
          events.fetch(current, 100, 'a.pkg');
          if (current < 100) vi.advanceTimersByTime(10);
        }
      },
      wait(10_000),
    ],
    [0, 24, 49, 74, 99, 100].map((current) => expect.objectContaining({ event: 'progress', current })),
  ],
  [
    'the last comes before a step or a note, and not again',
    [
      (events) => events.fetch(1, 3, 'a.pkg'),
      (events) => events.fetch(2, 3, 'a.pkg'),
      (events) => events.step('planning'),
      (events) => events.fetch(3, 3, 'a.pkg'),
      (events) => events.note('so'),
      wait(10_000),
    ],
    [{ current: 1 }, { current: 2 }, { event: 'step' }, { current: 3 }, { event: 'note' }].map((event) =>
      expect.objectContaining(event),
    ),
  ],
  [
    'and before the end, after which nothing comes',
    [
      (events) => events.fetch(1, 3, 'a.pkg'),
      (events) => events.fetch(2, 3, 'a.pkg'),
      (events) => events.end(),
      wait(10_000),
    ],
    [expect.objectContaining({ current: 1 }), expect.objectContaining({ current: 2 })],
  ],
])('%s', (_, said, events) => {
  const stream = new Collected();
  const reporter = new EventReporter({ verb: 'install', stream });
  for (const say of said) say(reporter);
  expect(stream.events).toEqual(events);
});

test('a line is safe to look at, and tells when it was', () => {
  const stream = new Collected();
  const reporter = new EventReporter({ verb: 'run', stream });
  wait(1500)();
  reporter.note('\x1b\u202e');
  expect(stream.text).toBe(
    '{"jtx":1,"verb":"run","event":"note","id":null,"at":"2026-03-01T00:00:01.500Z","text":"\\u001b\\u202e"}\n',
  );
});

test('a tick that waits keeps nothing from ending, and tells when it was', () => {
  const stream = new Collected();
  const reporter = new EventReporter({ verb: 'install', stream });
  reporter.fetch(1, 3, 'a.pkg');
  wait(100)();
  reporter.fetch(2, 3, 'a.pkg');
  reporter.end();
  expect(vi.getTimerCount()).toBe(0);
  expect(stream.text).toContain('"at":"2026-03-01T00:00:00.100Z","what":"a.pkg","current":2');
});
