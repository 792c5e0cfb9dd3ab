import { parseArgs } from 'node:util';
import { measureNights, prepareNights, whyNoNights } from '../../bench/backup-night.ts';
import { forget, throughput } from '../../bench/backup-throughput.ts';
import { machine } from '../../bench/machine.ts';
import { type Measured, measure } from '../../bench/pairs.ts';

// backup-bench [--json]: measures backups inside a lab against what does the same without jtx.
const { json } = parseArgs({ options: { json: { type: 'boolean' } } }).values;
const jails = 200;
const changing = 5;

const measured: Measured[] = [measure(throughput(512, 5))];
forget();
const counts: string[] = [];
const reason = whyNoNights();
if (reason === undefined) {
  prepareNights(jails);
  const [mine, theirs] = measureNights(jails, changing, 3);
  if (!mine || !theirs) throw new Error('nothing to compare');
  const name = `a night of ${jails} jails of which ${changing} changed, against ${theirs.name}`;
  measured.push({
    name,
    ratio: mine.milliseconds / theirs.milliseconds,
    limit: 1,
    milliseconds: mine.milliseconds,
    against: theirs.milliseconds,
  });
  counts.push(`${mine.processes} / ${theirs.processes} runs of zfs and zpool in ${name}`);
} else counts.push(`No nights: ${reason}.`);
if (json) process.stdout.write(`${JSON.stringify(measured, null, 1)}\n`);
else {
  process.stdout.write(`${machine()}\n`);
  for (const { name, ratio, limit, milliseconds, against } of measured)
    process.stdout.write(
      `${ratio.toFixed(2)}  ${milliseconds.toFixed(0)} ms / ${against.toFixed(0)} ms  ${name} (aim: at most ${limit?.toFixed(2)})\n`,
    );
  for (const line of counts) process.stdout.write(`${line}\n`);
}
