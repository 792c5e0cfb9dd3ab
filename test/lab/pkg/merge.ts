/** Merges two texts that come from the same one, line by line; undefined where both changed one place. */
export function mergeThreeWays(original: string, ours: string, theirs: string): string | undefined {
  const base = lines(original);
  const left = lines(ours);
  const right = lines(theirs);
  const leftMatch = matches(base, left);
  const rightMatch = matches(base, right);
  const merged: string[] = [];
  let [atBase, atLeft, atRight] = [0, 0, 0];
  for (let index = 0; index <= base.length; index += 1) {
    const inLeft = index < base.length ? leftMatch.get(index) : left.length;
    const inRight = index < base.length ? rightMatch.get(index) : right.length;
    if (inLeft === undefined || inRight === undefined) continue;
    const before = base.slice(atBase, index);
    const fromLeft = left.slice(atLeft, inLeft);
    const fromRight = right.slice(atRight, inRight);
    if (same(fromLeft, before)) merged.push(...fromRight);
    else if (same(fromRight, before) || same(fromLeft, fromRight)) merged.push(...fromLeft);
    else return undefined;
    const line = base[index];
    if (line !== undefined) merged.push(line);
    [atBase, atLeft, atRight] = [index + 1, inLeft + 1, inRight + 1];
  }
  return merged.join('');
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

/** The longest common subsequence, as indexes of the second text by indexes of the first. */
function matches(a: readonly string[], b: readonly string[]): Map<number, number> {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined)
        row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found = new Map<number, number>();
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      found.set(i, j);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return found;
}
