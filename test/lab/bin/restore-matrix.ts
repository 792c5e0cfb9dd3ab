import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jtx, jtxKilledAt, manifest, must, root, runs, setAside } from '../../crash/world.ts';
import { manifestOf } from '../manifest.ts';

// restore-matrix SCENARIO [EVERY [FIRST]]: kills a restore or a drill at each point of it (or at each EVERYth), goes on as
// a person would, and looks. Prints one JSON object: the points, and what was violated at which.
const [scenario = '', every = '1', first = '1'] = process.argv.slice(2);
const directory = join(process.env['LAB'] ?? '', 'backups');
const beside = join(process.env['LAB_JAILS'] ?? '', 'web2');
const pool = process.env['LAB_POOL'] ?? '';
const args = {
  place: ['restore', 'web'],
  beside: ['restore', 'web', '--as', 'web2'],
  drill: ['check-backup'],
}[scenario];
if (!args) throw new Error(`no scenario ${scenario}`);

mkdirSync(directory);
appendFileSync(process.env['JTX_CONFIG'] ?? '', `[[backup.targets]]\nname = "dir"\nto = "${directory}"\n`);
writeFileSync(join(root, 'etc/state'), 'backed up\n');
writeFileSync(join(root, 'usr/local/www/page'), 'backed up\n');
const backedUp = manifest();
const said = jtx('backup', 'web');
if (said.status !== 0) throw new Error(said.said);
if (scenario !== 'drill') writeFileSync(join(root, 'etc/state'), 'now\n');
let now = manifest();

const found: string[] = [];
const { points } = jtxKilledAt(0, args);
look('0');
let killed = 0;
for (let at = Number(first); at <= points; at += Number(every)) {
  putBack();
  jtxKilledAt(at, args);
  killed += 1;
  afterKill(`point ${at}`);
  look(`point ${at}`);
}
process.stdout.write(`${JSON.stringify({ scenario, points, killed, violations: found })}\n`);

/** The backups stay; everything else is as it was before the first run. */
function putBack(): void {
  if (runs()) must('service', 'jail', 'onestop', 'web');
  const listed = must('zfs', 'list', '-H', '-o', 'name').split('\n');
  if (listed.includes(`${pool}/jails/web2`)) destroy(`${pool}/jails/web2`);
  for (let round = 0; round < 3; round += 1)
    for (const name of setAside()) spawnSync('zfs', ['destroy', '-r', name], { stdio: 'ignore' });
  if (scenario === 'drill') return;
  writeFileSync(join(root, 'etc/state'), 'now\n');
  now = manifest();
}

/** zfs-fuse lets go of what was unmounted a moment later. */
function destroy(dataset: string): void {
  for (let tried = 0; tried < 50; tried += 1) {
    if (spawnSync('zfs', ['destroy', '-r', dataset], { stdio: 'ignore' }).status === 0) return;
    spawnSync('sleep', ['0.1']);
  }
}

function afterKill(where: string): void {
  const recovered = jtx('recover');
  if (recovered.status !== 0) found.push(`${where}: recover gave ${recovered.status}: ${recovered.said}`);
  const between = manifest();
  if (between !== now && between !== backedUp)
    found.push(`${where}: the jail is neither what it was nor what was restored`);
  const again = jtx(...(args ?? []));
  const finished = /restore-finished|is finished now|there is a jail web2 already/.test(again.said);
  if (again.status !== 0 && !finished) found.push(`${where}: once more gave ${again.status}: ${again.said}`);
}

function look(where: string): void {
  const place =
    scenario === 'place' ? manifest() : manifestOf(scenario === 'beside' ? beside : root).trimEnd();
  const wanted = scenario === 'drill' ? now : backedUp;
  if (comparable(place) !== comparable(wanted))
    found.push(`${where}: what was restored is not what was backed up`);
  if (scenario !== 'place' && comparable(manifest()) !== comparable(now))
    found.push(`${where}: the jail has changed`);
  const left = must('zfs', 'get', '-H', '-s', 'local', '-o', 'name', 'jtx:receiving').trim();
  if (left !== '') found.push(`${where}: left ${left}`);
  if (must('jls', '--libxo=json', '-n', 'name').includes('jtx-'))
    found.push(`${where}: a throw-away jail was left`);
  if (must('mount', '--libxo=json').includes('/drill/')) found.push(`${where}: a mount was left`);
}

function comparable(text: string): string {
  return text.trimEnd();
}
