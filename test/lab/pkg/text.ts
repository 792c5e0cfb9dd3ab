/** A size as pkg prints it: at most `digits` digits, IEC prefixes, no fraction. */
export function humanSize(bytes: number, digits = 3): string {
  const prefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  const limit = 10 ** digits;
  let value = bytes;
  let scale = 0;
  while (Math.round(value) >= limit && scale < prefixes.length - 1) {
    value /= 1024;
    scale += 1;
  }
  return `${Math.round(value)} ${prefixes[scale] ?? ''}B`;
}

/** A size as a format prints it: three digits, of which some may be a fraction. */
export function shortSize(bytes: number): string {
  let value = bytes;
  let scale = 0;
  for (; value >= 1024; scale += 1) value /= 1024;
  const digits = scale === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'][scale] ?? ''}B`;
}

/** Orders text as strcmp(3) does, not by locale. */
export function byteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
