/**
 * Puts the process into a time zone, as TZ does before it starts. Throws where that has no effect: in a worker thread,
 * or in a node without the zones.
 */
export function inZone(zone: string): void {
  process.env['TZ'] = zone;
  for (const month of [0, 6]) {
    const date = new Date(Date.UTC(2026, month, 1));
    const read = new Date(date.toLocaleString('en-US', { timeZone: zone }));
    if (read.getTime() !== date.getTime()) throw new Error(`TZ=${zone} has no effect here`);
  }
}

/** Zones of both hemispheres, with offsets that are no whole hour, and with half an hour of daylight saving. */
export const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
] as const;
