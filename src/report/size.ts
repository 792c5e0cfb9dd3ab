const units = ['KiB', 'MiB', 'GiB', 'TiB'];

/** A number of bytes as a person reads it: "512 B", "1.4 KiB", "27.0 MiB". */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Some of a number of bytes, the unit told once where it is the same: "12.0 of 48.0 MiB", "512.0 KiB of 48.0 MiB". */
export function partOf(part: number, whole: number): string {
  const [number = '', unit = ''] = size(part).split(' ');
  const all = size(whole);
  return all.endsWith(` ${unit}`) ? `${number} of ${all}` : `${number} ${unit} of ${all}`;
}
