import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from '../../sequences/random.ts';
import { makeTemplate, openContext, SequenceJail } from '../../sequences/world.ts';
import { freshPlace, places, targets, Year } from '../../year/year.ts';

// year NIGHTS SEED: so many nights of backups and pruning by a clock that is set, from any day of a year on, on real ZFS;
// then every backup that is left is restored. Prints one JSON object.
const [nights = '365', seed = '1'] = process.argv.slice(2);
const keep = 'last 3, daily 7, weekly 5, monthly 12';
const lab = process.env['LAB'] ?? '';

const lines = targets.map(
  (name) => `[[backup.targets]]\nname = "${name}"\nto = "${places[name]}"\nkeep = "${keep}"\n`,
);
appendFileSync(
  join(lab, 'jtx.toml'),
  `[retention]\nbackups = "last 2"\ntransactions = "within 60d"\n${lines.join('')}`,
);
for (const target of targets) freshPlace(target);
const jail = new SequenceJail('year', makeTemplate());
appendFileSync(join(lab, 'jail.conf'), `year {\n  path = ${jail.root};\n  persist;\n}\n`);
const context = openContext();
const random = randomFrom(Number(seed));
const first = 1 + random(365);
const year = new Year(context, jail, random, Number(nights));
// Half past one, the zone's own: in spring an hour before the clocks go forward, in autumn twice.
for (let night = 0; night < Number(nights); night += 1)
  await year.night(night, new Date(2027, 0, first + night, 1, 30).getTime());
await year.restoreAll();
context.journal.close();
process.stdout.write(`${JSON.stringify({ seed: Number(seed), ...year.result })}\n`);
