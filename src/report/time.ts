import { format, formatDistance } from 'date-fns';

/** "3 minutes ago". */
export function relativeTime(at: number, now: number): string {
  return formatDistance(at, now, { addSuffix: true });
}

/** "2025-10-09 08:53:20", in the host's time zone. */
export function absoluteTime(at: number): string {
  return format(at, 'yyyy-MM-dd HH:mm:ss');
}

/** A length of time as short as it can be read: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min". */
export function duration(milliseconds: number): string {
  const spent = Math.max(0, milliseconds);
  if (spent < 9950) return `${(spent / 1000).toFixed(1)} s`;
  const seconds = Math.round(spent / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(`${minutes} min`, seconds % 60, 's');
  return joined(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
}

function joined(most: string, rest: number, unit: string): string {
  return rest === 0 ? most : `${most} ${rest} ${unit}`;
}
