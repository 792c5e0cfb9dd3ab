/** Compares two FreeBSD package versions: negative, zero or positive, as pkg-version(8) does. */
export function compareVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  if (left.epoch !== right.epoch) return left.epoch - right.epoch;
  const parts = compareParts(left.main, right.main);
  return parts !== 0 ? parts : left.revision - right.revision;
}

interface Component {
  number: number;
  letter: number;
  patch: number;
}

const STAGES: Record<string, number> = { pl: 0x10, alpha: 1, beta: 2, pre: 3, rc: 4 };

function split(version: string): { main: string; revision: number; epoch: number } {
  const match = /^(.*?)(?:_(\d+))?(?:,(\d+))?$/.exec(version);
  return { main: match?.[1] ?? version, revision: Number(match?.[2] ?? 0), epoch: Number(match?.[3] ?? 0) };
}

function compareParts(a: string, b: string): number {
  const left = components(a);
  const right = components(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = compareComponent(left[index], right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareComponent(a: Component | undefined, b: Component | undefined): number {
  // A missing component comes before any number, but after alpha, beta, pre and rc.
  const missing: Component = { number: -1, letter: 0, patch: 0 };
  const left = a ?? missing;
  const right = b ?? missing;
  if (a === undefined && right.number === -1 && right.letter < 0) return 1;
  if (b === undefined && left.number === -1 && left.letter < 0) return -1;
  return left.number - right.number || left.letter - right.letter || left.patch - right.patch;
}

function components(version: string): Component[] {
  const found: Component[] = [];
  const pattern = /[.+-]*(\d+)?([a-zA-Z]+)?(\d+)?/y;
  for (let at = 0; at < version.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(version);
    if (match === null || match[0] === '') {
      at += 1;
      continue;
    }
    at = pattern.lastIndex;
    const word = (match[2] ?? '').toLowerCase();
    const number = match[1] === undefined ? -1 : Number(match[1]);
    if (match[2] === undefined) {
      found.push({
        number: number === -1 && match[3] !== undefined ? Number(match[3]) : number,
        letter: 0,
        patch: 0,
      });
      continue;
    }
    const stage = STAGES[word];
    const letter = stage === undefined ? word.charCodeAt(0) - 0x60 : stage === 0x10 ? 0 : stage - 0x20;
    if (stage !== undefined && number !== -1) {
      found.push({ number, letter: 0, patch: 0 }, { number: -1, letter, patch: Number(match[3] ?? 0) });
    } else found.push({ number, letter, patch: Number(match[3] ?? 0) });
  }
  return found;
}
