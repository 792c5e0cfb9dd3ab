import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769';

/** z-base-32 with the bits of each byte taken from the lowest up, as pkg writes its sums. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held |= byte << bits;
    bits += 8;
    while (bits >= 5) {
      text += ALPHABET[held & 31];
      held >>= 5;
      bits -= 5;
    }
  }
  return bits > 0 ? text + ALPHABET[held & 31] : text;
}

/** The sum of some content in the form that pkg 2.8 writes. */
export function blake2Sum(content: Uint8Array | string): string {
  return `2$${base32(createHash('blake2b512').update(content).digest())}`;
}

/** What pkg sums up of a link: its target, without the slash at the front but as long as with it. */
export function linkContent(target: string): string {
  return target.startsWith('/') ? `${target.slice(1)}\0` : target;
}

/** Whether content has a sum, whichever of pkg's forms that is in. */
export function hasSum(content: Uint8Array | string, sum: string): boolean {
  if (sum.startsWith('2$')) return blake2Sum(content) === sum;
  const sha256 = createHash('sha256').update(content).digest('hex');
  return sum === sha256 || sum === `1$${sha256}`;
}

/** Whether a file has a sum. */
export function fileHasSum(path: string, sum: string): boolean {
  return hasSum(readFileSync(path), sum);
}
