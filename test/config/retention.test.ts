import { describe, expect, it } from 'vitest';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { floorOf } from '../../src/config/retention.ts';

const read = (text: string) => parseConfig(`[retention]\n${text}`, 'jtx.toml').retention;

describe('the table retention', () => {
  it('keeps all where it says nothing', () => {
    const nothing = { transactions: undefined, backups: undefined, free: undefined };
    expect(parseConfig('', 'jtx.toml').retention).toEqual(nothing);
    expect(read('')).toEqual(nothing);
  });

  it('has a retention for each kind of snapshot', () => {
    const { transactions, backups } = read('transactions = "last 3, within 48h"\nbackups = "all"');
    expect(transactions).toEqual(parseRetention('last 3, within 48h'));
    expect(backups).toBe('all');
  });

  it.each([
    ['"10%"', 1000, 100],
    ['"2.5%"', 1000, 25],
    ['"0%"', 1000, 0],
    ['123456', 1000, 123_456],
  ])('has a floor of free space: %s of %i is %i', (text, size, bytes) => {
    const { free } = read(`free = ${text}`);
    expect(free && floorOf(free, size)).toBe(bytes);
  });

  it.each([
    ['transactions = "last 0"', /retention\.transactions: .*"last 0" needs a number/],
    ['backups = 7', /retention\.backups must be a text/],
    ['free = "100%"', /retention\.free must be/],
    ['free = "10"', /retention\.free must be/],
    ['free = -1', /retention\.free must be/],
    ['free = 0.1', /retention\.free must be/],
    ['keep = "all"', /unknown key "keep"/],
  ])('refuses %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('is a table', () => {
    expect(() => parseConfig('retention = "all"', 'jtx.toml')).toThrow(/retention must be a table/);
  });
});
