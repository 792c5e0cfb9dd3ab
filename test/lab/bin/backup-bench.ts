import { parseArgs } from 'node:util';
import { measureNights, prepareNights, whyNoNights } from '../../bench/backup-night.ts';
import { forget, throughput } from '../../bench/backup-throughput.ts';
import { measure } from '../../bench/pairs.ts';
import { Teller } from '../../bench/teller.ts';

// backup-bench [--json]: measures backups inside a lab against what does the same without jtx.
const { json } = parseArgs({ options: { json: { type: 'boolean' } } }).values;
const jails = 200;
const changing = 5;

const teller = new Teller(json === true);
// In a guest the disk is memory.
teller.tell(measure(throughput(process.env['LAB_ZFS'] === 'fuse' ? 4096 : 512, 3)));
forget();
const reason = whyNoNights();
if (reason === undefined) {
  prepareNights(jails);
  const [mine, theirs] = measureNights(jails, changing, 1);
  if (!mine || !theirs) throw new Error('nothing to compare');
  const counts = `${mine.processes} / ${theirs.processes} runs of zfs and zpool`;
  teller.tell({
    name: `a night of ${jails} jails of which ${changing} changed, against ${theirs.name}: ${counts}`,
    ratio: mine.milliseconds / theirs.milliseconds,
    limit: 1,
    milliseconds: mine.milliseconds,
    against: theirs.milliseconds,
  });
} else teller.say(`No nights: ${reason}.`);
teller.end();
