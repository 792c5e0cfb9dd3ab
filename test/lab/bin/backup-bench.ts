import { parseArgs } from 'node:util';
import { measureNights, prepareNights, whyNoNights } from '../../bench/backup-night.ts';
import { forget, throughput } from '../../bench/backup-throughput.ts';
import { machine } from '../../bench/machine.ts';
import { type Measured, measure } from '../../bench/pairs.ts';

// backup-bench [--json]: measures backups inside a lab against what does the same without jtx.
const { json } = parseArgs({ options: { json: { type: 'boolean' } } }).values;
const jails = 200;
const changing = 5;

const measured: Measured[] = [];
if (!json) process.stdout.write(`${machine()}\n`);
// In a guest the disk is memory.
tell(measure(throughput(process.env['LAB_ZFS'] === 'fuse' ? 4096 : 512, 3)));
forget();
const reason = whyNoNights();
if (reason === undefined) {
  prepareNights(jails);
  const [mine, theirs] = measureNights(jails, changing, 1);
  if (!mine || !theirs) throw new Error('nothing to compare');
  const counts = `${mine.processes} / ${theirs.processes} runs of zfs and zpool`;
  tell({
    name: `a night of ${jails} jails of which ${changing} changed, against ${theirs.name}: ${counts}`,
    ratio: mine.milliseconds / theirs.milliseconds,
    limit: 1,
    milliseconds: mine.milliseconds,
    against: theirs.milliseconds,
  });
} else if (!json) process.stdout.write(`No nights: ${reason}.\n`);
if (json) process.stdout.write(`${JSON.stringify(measured, null, 1)}\n`);

/** The nights take long: each figure is shown as soon as it is known. */
function tell(one: Measured): void {
  measured.push(one);
  const { name, ratio, limit, milliseconds, against } = one;
  if (json) return;
  process.stdout.write(
    `${ratio.toFixed(2)}  ${milliseconds.toFixed(0)} ms / ${against.toFixed(0)} ms  ${name} (aim: at most ${limit?.toFixed(2)})\n`,
  );
}
