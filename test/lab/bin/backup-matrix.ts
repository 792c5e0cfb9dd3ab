import {
  backUp,
  destroyChild,
  freshPlaces,
  keepConfig,
  killBackup,
  makeChild,
  takeChildBack,
  violationsAfterKill,
  write,
} from '../../crash/backup-world.ts';
import { manifest } from '../../crash/world.ts';

// backup-matrix SCENARIO [EVERY [FIRST]]: kills one backup at each point of it (or at each EVERYth), makes the next, and
// looks. Prints one JSON object: the points, and what was violated at which.
const [name = '', every = '1', first = '1'] = process.argv.slice(2);

/** Makes what is backed up before, and the state of the jail in which the killed one finds it. */
const scenarios: Readonly<Record<string, () => Map<string, string>>> = {
  first: () => new Map(),
  /** One dataset changed, one went back, one is gone, one was made anew. */
  later() {
    makeChild('extra');
    makeChild('gone');
    const one = night();
    write('usr/local/www/newer');
    const two = night();
    takeChildBack('www', one.id);
    destroyChild('gone');
    destroyChild('extra');
    makeChild('extra');
    write('etc/changed');
    return new Map([one, two].map(({ id, state }) => [id, state]));
  },
};

function night(): { id: string; state: string } {
  const state = manifest();
  const { id, fault } = backUp();
  if (fault !== undefined) throw new Error(fault);
  return { id, state };
}

const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name}`);
keepConfig();
write('usr/local/www/big', 1_000_000);
freshPlaces(0);
scenario();
const points = killBackup(0);
const found: string[] = [];
let killed = 0;
for (let at = Number(first); at <= points; at += Number(every)) {
  freshPlaces(at);
  const known = scenario();
  const state = manifest();
  killBackup(at);
  killed += 1;
  for (const violation of await violationsAfterKill(known, state)) found.push(`point ${at}: ${violation}`);
}
process.stdout.write(`${JSON.stringify({ scenario: name, points, killed, violations: found })}\n`);
