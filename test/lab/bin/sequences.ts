import { inspect } from 'node:util';
import { Sequence } from '../../sequences/model.ts';
import { randomFrom } from '../../sequences/random.ts';
import { makeTemplate, openContext, SequenceJail } from '../../sequences/world.ts';

// sequences COUNT SEED: that many random sequences of snapshots, clones, holds, bookmarks, writes, changes and rollbacks
// on real ZFS, each on a jail of its own, held against a model; after JTX_SEQUENCES_UNTIL (seconds since the epoch),
// where that is set, none is begun any more. Prints one JSON object.
const [count = '10', seed = '1'] = process.argv.slice(2);

const template = makeTemplate();
const context = openContext();
const violations: string[] = [];
let steps = 0;
let reached = 0;
let sequences = 0;
const until = Number(process.env['JTX_SEQUENCES_UNTIL'] ?? 'Infinity') * 1000;
for (; sequences < Number(count) && Date.now() < until; sequences += 1) {
  const own = Number(seed) + sequences;
  const random = randomFrom(own);
  const jail = new SequenceJail(`s${own}`, template);
  const sequence = new Sequence(context, jail, random);
  const length = 3 + random(5);
  try {
    for (let step = 0; step < length; step += 1) await sequence.step();
    reached += await sequence.reachAll(1);
    jail.destroy();
  } catch (error) {
    sequence.violations.push(inspect(error));
  }
  steps += sequence.steps.length;
  for (const violation of sequence.violations)
    violations.push(`seed ${own}: ${violation}; after ${sequence.steps.join(', ')}`);
}
context.journal.close();
process.stdout.write(`${JSON.stringify({ sequences, seed: Number(seed), steps, reached, violations })}\n`);
