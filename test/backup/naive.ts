import type { Point } from '../../src/backup/retention.ts';

/** What names the periods of a time, and tells hours, days, weeks, months and years apart. */
export interface Names {
  hourly: string;
  daily: string;
  weekly: string;
  monthly: string;
  yearly: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    timeZoneName: 'longOffset',
  });
  formats.set(zone, made);
  return made;
}

/** The names of a time's periods by the zone's own table in Intl, whatever zone the process is in. */
export function namesOf(time: number, zone: string): Names {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, timeZoneName = '' } = parts;
  const offset = timeZoneName.replace(/^(GMT|UTC)/, '').replace('+00:00', '') || 'Z';
  const daily = `${year}-${month}-${day}`;
  return {
    hourly: `${daily}T${hour}${offset}`,
    daily,
    weekly: weekOf(daily),
    monthly: `${year}-${month}`,
    yearly: `${year}`,
  };
}

/** The ISO week of a date: it belongs to the year in which its Thursday lies. */
function weekOf(date: string): string {
  const thursday = new Date(`${date}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** The newest of each of the `count` newest periods that have a point, as it is defined; the points newest first. */
export function newestOfEach(
  points: readonly Point[],
  name: (point: Point) => string,
  count: number,
): Point[] {
  return points.filter((point, place) => {
    const newer = new Set(points.slice(0, place).map(name));
    return newer.size < count && !newer.has(name(point));
  });
}
