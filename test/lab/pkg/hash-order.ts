const WORD = (1n << 64n) - 1n;
const BLOCK_START = 0xc42b5e2e6480b23bn;
const TAIL = 0xaf47d47c99b1461bn;
const PRIMES = [
  0x9ebdcae10d981691n,
  0x32b9b9b97a27ac7dn,
  0x29b5584d83d35bbdn,
  0x4b04e0e61401255fn,
  0x25e8f7b1f1c9d027n,
  0x80d4c8c000f3e881n,
  0xbd1255431904b9ddn,
  0x8a3bd4485eee6d81n,
];

/** Puts names into the order in which pkg's hash table (MUM hash, open addressing) yields them. */
export function hashOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  let capacity = 128;
  while (items.length * 2 > capacity) capacity *= 2;
  const slots = new Map<number, T>();
  for (const item of items) {
    let slot = Number(mumHash(nameOf(item)) & BigInt(capacity - 1));
    while (slots.has(slot)) slot = (slot + 1) % capacity;
    slots.set(slot, item);
  }
  return [...slots].sort(([a], [b]) => a - b).map(([, item]) => item);
}

function mum(a: bigint, b: bigint): bigint {
  const product = a * b;
  return ((product >> 64n) + (product & WORD)) & WORD;
}

function mumHash(text: string): bigint {
  const bytes = Buffer.from(text);
  let result = mum(BigInt(bytes.length), BLOCK_START);
  let at = 0;
  for (let index = 0; bytes.length - at >= 8; at += 8, index += 1) {
    result ^= mum(bytes.readBigUInt64LE(at), PRIMES[index % PRIMES.length] ?? 1n);
  }
  let tail = 0n;
  for (let index = at; index < bytes.length; index += 1) {
    tail |= BigInt(bytes[index] ?? 0) << BigInt(8 * (index - at));
  }
  if (at < bytes.length) result ^= mum(tail, TAIL);
  return mum(result, result);
}
