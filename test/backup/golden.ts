import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'date-fns';
import { expect } from 'vitest';
import type { Pruned } from './nights.ts';

/** The directory of the golden files. */
export const goldens = fileURLToPath(new URL('goldens', import.meta.url));

/** Requires the text of a golden file; with JTX_UPDATE_GOLDENS=1 it writes it instead. */
export function expectGolden(name: string, text: string): void {
  const file = `${goldens}/${name}`;
  if (process.env['JTX_UPDATE_GOLDENS'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** What one night left: each point and what keeps it; and which it dropped. */
export function printNight({ night, decisions }: Pruned): string {
  const kept = decisions.filter(({ standing }) => standing !== 'goes');
  const gone = decisions.filter(({ standing }) => standing === 'goes');
  return [
    `At ${local(night.now)} ${kept.length} are kept:`,
    ...kept.map(({ point, reasons }) => `  ${local(point.time)}  ${reasons.join(', ')}`),
    ...gone.map(({ point }) => `  ${local(point.time)}  goes`),
    '',
  ].join('\n');
}

/** "Sun 2026-10-25 02:30 +01:00", in the zone of the process. */
export function local(time: number): string {
  return format(time, 'EEE yyyy-MM-dd HH:mm xxx');
}
