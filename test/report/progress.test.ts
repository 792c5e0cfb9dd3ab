import { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { ProgressReporter } from '../../src/report/progress.ts';

class Collected extends Writable {
  text = '';
  columns = 60;

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

afterEach(() => vi.restoreAllMocks());

function tell(reporter: ProgressReporter): void {
  reporter.step('fetching', 'two packages');
  reporter.fetch(512, 1024, 'a-very-long-name-of-a-package-that-does-not-fit.pkg');
  reporter.fetch(1024, 1024, 'b.pkg');
  reporter.note('careful\x1b[2J\n');
  reporter.step('applying');
  reporter.extract(3, 4, 'b');
  reporter.note('web: committed.');
}

test('a pipe gets one plain line a step', () => {
  const stream = new Collected();
  tell(new ProgressReporter({ stream, tty: false, colour: false }));
  expect(stream.text).toBe('fetching two packages\ncareful\\x1b[2J\napplying\nweb: committed.\n');
});

test('a terminal gets a bar that is redrawn on one line and gone afterwards', () => {
  const stream = new Collected();
  tell(new ProgressReporter({ stream, tty: true, colour: false }));
  const bars = stream.text.split('\r\x1b[2K');
  expect(bars).toHaveLength(6);
  expect(bars[1]).toBe('  [############............] a-very-long-n 512 B of 1.0 KiB');
  expect(bars[2]).toBe('  [########################] b.pkg 1.0 of 1.0 KiB');
  expect(bars[3]).toBe('careful\\x1b[2J\napplying\n');
  expect(bars[4]).toBe('  [##################......] b 3 of 4');
  expect(bars[5]).toBe('web: committed.\n');
});

test('many events are drawn seldom, and an unknown total is no bar at all', () => {
  const stream = new Collected();
  const reporter = new ProgressReporter({ stream, tty: true, colour: true });
  for (let count = 0; count < 10_000; count += 1) reporter.extract(count, 10_001, 'x');
  reporter.fetch(7, 0, 'y');
  expect(stream.text.split('\r').length).toBeLessThan(100);
  expect(stream.text).toContain('[........................] y 7 B');
});

test.each([
  [100, 'zroot/jails/postgresql to nas 12.0 of 48.0 MiB, 3.0 MiB/s, 12 s left'],
  [80, 'zroot/jails 12.0 of 48.0 MiB, 3.0 MiB/s, 12 s left'],
  [60, 'zr 12.0 of 48.0 MiB, 3.0 MiB/s'],
  [58, '12.0 of 48.0 MiB, 3.0 MiB/s'],
  [50, 'zro 12.0 of 48.0 MiB'],
  [40, '12.0 of 48'],
])('a terminal of %i columns is told how fast it goes before all of the name', (columns, told) => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const stream = new Collected();
  stream.columns = columns;
  const reporter = new ProgressReporter({ stream, tty: true, colour: false });
  const mebibyte = 1024 * 1024;
  reporter.fetch(0, 48 * mebibyte, 'zroot/jails/postgresql to nas');
  now.mockReturnValue(5000);
  reporter.fetch(12 * mebibyte, 48 * mebibyte, 'zroot/jails/postgresql to nas');
  const line = stream.text.split('\r\x1b[2K').at(-1) ?? '';
  expect(line).toBe(`  [######..................] ${told}`);
  expect(line.length).toBeLessThan(columns);
});

test.each([
  [
    'throws',
    (): boolean => {
      throw new Error('EPIPE');
    },
  ],
  ['fails later', undefined],
])('a reader that has gone is no failure: the stream %s', async (_, write) => {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
  });
  if (write) stream.write = write;
  const reporter = new ProgressReporter({ stream, tty: true, colour: false });
  tell(reporter);
  await new Promise((resolve) => setImmediate(resolve));
  tell(reporter);
});
