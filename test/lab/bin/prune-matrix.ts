import {
  configure,
  makeForeign,
  makeWork,
  pruneKilledAt,
  readAll,
  violationsAfterKill,
  violationsAtEnd,
} from '../../crash/prune-world.ts';
import { jtx } from '../../crash/world.ts';

// prune-matrix [EVERY [FIRST]]: kills a prune at its points from the first destruction on (or at each EVERYth), looks at
// every backup that is left, prunes again, and looks once more. Prints one JSON object: the points, and what was
// violated at which.
const [every = '1', first = '1'] = process.argv.slice(2);

configure();
makeForeign();
// Each round begins with what the one before has left: only the second is like all that follow.
makeWork(-1);
pruneKilledAt(0);
const unharmed = makeWork(0);
const names = pruneKilledAt(0);
const found = (await violationsAtEnd(unharmed)).map((violation) => `not killed: ${violation}`);
const begin = names.findIndex((name) => name.startsWith('before zfs destroy'));
let killed = 0;
for (let at = begin + Number(first); at <= names.length; at += Number(every)) {
  const where = `point ${at}, ${names[at - 1]}`;
  const work = makeWork(at);
  const before = await readAll();
  pruneKilledAt(at);
  killed += 1;
  for (const violation of await violationsAfterKill(before, work.newest))
    found.push(`${where}: ${violation}`);
  const again = jtx('prune');
  if (again.status !== 0) found.push(`${where}: the next prune gave ${again.status}: ${again.said}`);
  for (const violation of await violationsAtEnd(work)) found.push(`${where}: ${violation}`);
}
const points = names.length - begin;
process.stdout.write(`${JSON.stringify({ points, killed, violations: found })}\n`);
