import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureDowntime } from '../../bench/downtime.ts';
import { writeLongHistory } from '../../bench/long-history.ts';
import { measure, type Pair } from '../../bench/pairs.ts';
import { staticMemory, staticPairs } from '../../bench/static-tier.ts';
import { Teller } from '../../bench/teller.ts';
import { takeBack } from '../take-back.ts';

// bench [--json]: measures jtx against what does the same without it, inside a lab, in pairs.
const { json } = parseArgs({ options: { json: { type: 'boolean' } } }).values;
const lab = process.env['LAB'] ?? '';
const top = process.env['LAB_TOP'] ?? '';
const journal = process.env['JTX_JOURNAL'] ?? '';
const root = join(process.env['LAB_JAILS'] ?? '', 'web');
const web = `${process.env['LAB_POOL']}/jails/web`;
const datasets = [web, `${web}/www`];
const plain = join(top, 'test/bench/plain-install.sh');

function forget(): void {
  rmSync(dirname(journal), { recursive: true, force: true });
  for (const tag of ['jtx', 'plain']) {
    const listed = execFileSync('zfs', ['list', '-H', '-r', '-t', 'snapshot', '-o', 'name', web], {
      encoding: 'utf8',
    });
    for (const name of listed.split('\n'))
      if (name.includes(`@${tag}-`)) spawnSync('zfs', ['release', tag, name]);
  }
  takeBack(datasets, 'base');
}

function installs(
  name: string,
  wanted: string,
  program: readonly string[],
  limit: number,
  rounds: number,
): Pair[] {
  const verify = program.length > 0 ? ['--verify', program.join(' ')] : [];
  const mine: Pair['command'] = ['jtx', 'install', 'web', wanted, ...verify];
  const bare: Pair['command'] = [
    'pkg',
    '-c',
    root,
    '-o',
    'ABI=FreeBSD:14:amd64',
    '-o',
    'OSVERSION=1401000',
    'install',
    '-y',
    '--',
    wanted,
  ];
  const shared = { command: mine, rounds, reset: forget };
  return [
    {
      ...shared,
      name: `install ${name} against the same steps in sh`,
      limit,
      against: [plain, wanted, ...program],
    },
    { ...shared, name: `install ${name} against bare pkg -c`, limit: null, against: bare },
  ];
}

const server = readdirSync(join(process.env['LAB_REPO'] ?? '', 'All'))
  .map((name) => /^(postgresql\d+-server)-/.exec(name)?.[1])
  .find((name) => name !== undefined);
const nothing = (): void => {};
const node: Pair['command'] = ['node', '-e', '0'];
const longJournal = join(lab, 'long', 'journal.db');
mkdirSync(dirname(longJournal), { recursive: true });
writeLongHistory(longJournal, 100_000);
execFileSync('zfs', ['snapshot', '-r', `${web}@base`]);

const pairs: Pair[] = [
  {
    name: 'jtx --version against node -e 0',
    limit: 1.3,
    command: ['jtx', '--version'],
    against: node,
    rounds: 15,
    reset: nothing,
  },
  {
    name: 'jtx history of 100,000 transactions against node -e 0',
    limit: 2,
    command: ['env', `JTX_JOURNAL=${longJournal}`, 'jtx', 'history'],
    against: node,
    rounds: 15,
    reset: nothing,
  },
  ...installs('one small package', 'tiny', [], 1.5, 7),
  ...(server === undefined ? [] : installs('PostgreSQL', server, ['postgres', '--version'], 1.05, 5)),
  ...staticPairs(),
];
const teller = new Teller(json === true);
for (const pair of pairs) teller.tell(measure(pair));
forget();
const memory = staticMemory() / 2 ** 20;
teller.tellAs(`${memory.toFixed(0)} MiB / 100 MiB`, {
  name: 'memory that the static check takes beyond node',
  ratio: memory / 100,
  limit: 1,
});
const downtimes = await measureDowntime(3);
// By hand is the last of them.
const hand = downtimes.at(-1)?.down ?? Number.NaN;
for (const { name, down, whole } of downtimes)
  teller.tellAs(`${down.toFixed(0)} ms of ${whole.toFixed(0)} ms`, {
    name: `no answer while an upgrade fails: ${name}`,
    ratio: down / hand,
    limit: null,
  });
teller.end();
