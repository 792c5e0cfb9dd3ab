/** A member of a tar archive; its content is a view of the archive's bytes. */
export interface TarEntry {
  path: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  mode: number;
  uid: number;
  gid: number;
  uname: string;
  gname: string;
  mtime: number;
  linkTarget: string;
  content: Buffer;
}

/** A tar archive that ends too early or has a header that is none. */
export class TarError extends Error {}

/** Walks the members of a tar archive (ustar, pax and GNU long names). */
export function* tarEntries(archive: Buffer): Generator<TarEntry> {
  let extended = new Map<string, string>();
  for (let at = 0; at + 512 <= archive.length; ) {
    const header = archive.subarray(at, at + 512);
    if (header[0] === 0) return;
    if (!sumIsRight(header)) throw new TarError('Damaged tar archive');
    const size = Number(extended.get('size') ?? octal(header, 124, 12));
    const content = archive.subarray(at + 512, at + 512 + size);
    if (content.length < size) throw new TarError('Truncated tar archive');
    at += 512 + Math.ceil(size / 512) * 512;
    const flag = String.fromCharCode(header[156] ?? 0);
    if (flag === 'x') {
      extended = paxRecords(content);
      continue;
    }
    if (flag === 'g') continue;
    if (flag === 'L' || flag === 'K') {
      extended.set(flag === 'L' ? 'path' : 'linkpath', textAt(content, 0, content.length));
      continue;
    }
    const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textAt(header, 345, 155) : '';
    const short = textAt(header, 0, 100);
    yield {
      path: extended.get('path') ?? (prefix === '' ? short : `${prefix}/${short}`),
      type: typeOf(flag),
      mode: octal(header, 100, 8),
      uid: Number(extended.get('uid') ?? octal(header, 108, 8)),
      gid: Number(extended.get('gid') ?? octal(header, 116, 8)),
      uname: extended.get('uname') ?? textAt(header, 265, 32),
      gname: extended.get('gname') ?? textAt(header, 297, 32),
      mtime: Number(extended.get('mtime') ?? octal(header, 136, 12)),
      linkTarget: extended.get('linkpath') ?? textAt(header, 157, 100),
      content,
    };
    extended = new Map();
  }
  throw new TarError('Truncated tar archive');
}

function typeOf(flag: string): TarEntry['type'] {
  if (flag === '0' || flag === '\0' || flag === '7') return 'file';
  if (flag === '5') return 'directory';
  if (flag === '2') return 'symlink';
  return flag === '1' ? 'hardlink' : 'other';
}

function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    if (space < 0) break;
    const length = Number(content.toString('latin1', at, space));
    if (!(length > 0)) throw new TarError('Damaged pax header');
    const record = content.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

function octal(header: Buffer, at: number, length: number): number {
  if (((header[at] ?? 0) & 0x80) !== 0) {
    let value = (header[at] ?? 0) & 0x7f;
    for (const byte of header.subarray(at + 1, at + length)) value = value * 256 + byte;
    return value;
  }
  const digits = textAt(header, at, length).trim();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function sumIsRight(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (let index = 0; index < 512; index += 1) {
    if (index < 148 || index >= 156) sum += header[index] ?? 0;
  }
  return sum === octal(header, 148, 8);
}
