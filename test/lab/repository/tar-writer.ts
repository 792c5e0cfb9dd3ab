/** A member of a tar archive to be written. */
export interface TarMember {
  path: string;
  mode: number;
  mtime: number;
  uname: string;
  gname: string;
  content: Buffer | { linkTarget: string } | 'directory';
}

/** The blocks of one member, in ustar, with a pax header where a name is too long for that. */
export function tarMember(member: TarMember): Buffer[] {
  const { content } = member;
  const linkTarget = Buffer.isBuffer(content) || content === 'directory' ? '' : content.linkTarget;
  const body = Buffer.isBuffer(content) ? content : Buffer.alloc(0);
  const kind = Buffer.isBuffer(content) ? '0' : content === 'directory' ? '5' : '2';
  const path = content === 'directory' ? `${member.path}/` : member.path;
  const long: [string, string][] = [];
  if (Buffer.byteLength(path) > 100) long.push(['path', path]);
  if (Buffer.byteLength(linkTarget) > 100) long.push(['linkpath', linkTarget]);
  const blocks: Buffer[] = [];
  if (long.length > 0) {
    const records = Buffer.from(long.map(([key, value]) => paxRecord(key, value)).join(''));
    blocks.push(header({ ...member, path: 'PaxHeader' }, 'x', records.length, ''), ...padded(records));
  }
  blocks.push(header({ ...member, path }, kind, body.length, linkTarget), ...padded(body));
  return blocks;
}

/** What ends a tar archive. */
export const TAR_END = Buffer.alloc(1024);

function header(
  member: Pick<TarMember, 'path' | 'mode' | 'mtime' | 'uname' | 'gname'>,
  kind: string,
  size: number,
  linkTarget: string,
): Buffer {
  const block = Buffer.alloc(512);
  block.write(member.path, 0, 100);
  block.write(`${octal(member.mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  block.write(`${octal(size, 11)}\0${octal(member.mtime, 11)}\0        ${kind}`, 124);
  block.write(linkTarget, 157, 100);
  block.write('ustar\x0000', 257);
  block.write(member.uname, 265, 31);
  block.write(member.gname, 297, 31);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padded(content: Buffer): Buffer[] {
  return [content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

/** A record's length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
