import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Downtime, measureDowntime } from '../../bench/downtime.ts';
import { writeLongHistory } from '../../bench/long-history.ts';
import { machine } from '../../bench/machine.ts';
import { type Measured, measure, type Pair } from '../../bench/pairs.ts';
import { staticMemory, staticPairs } from '../../bench/static-tier.ts';
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

/** Against doing it by hand, which is measured last. */
function downtimeRatio({ name, down }: Downtime, _: number, all: readonly Downtime[]): Measured {
  const hand = all.at(-1)?.down ?? Number.NaN;
  return { name: `downtime: ${name}`, ratio: down / hand, limit: null, milliseconds: down, against: hand };
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
const results = pairs.map(measure);
forget();
const memory = staticMemory() / 2 ** 20;
const memoryRatio = {
  name: 'memory that the static check takes beyond node',
  ratio: memory / 100,
  limit: 1,
};
const downtime = await measureDowntime(3);
if (json)
  process.stdout.write(
    `${JSON.stringify([...results, memoryRatio, ...downtime.map(downtimeRatio)], null, 1)}\n`,
  );
else {
  process.stdout.write(`${machine()}\n`);
  for (const { name, ratio, limit, milliseconds, against } of results) {
    const bound = limit === null ? '' : ` (aim: at most ${limit})`;
    process.stdout.write(
      `${ratio.toFixed(2)}  ${milliseconds.toFixed(0)} ms / ${against.toFixed(0)} ms  ${name}${bound}\n`,
    );
  }
  process.stdout.write(`${memory.toFixed(0)} MiB  ${memoryRatio.name} (aim: at most 100 MiB)\n`);
  process.stdout.write('Without an answer of the service, of the whole time, in an upgrade that fails:\n');
  for (const { name, down, whole } of downtime)
    process.stdout.write(`${down.toFixed(0)} ms of ${whole.toFixed(0)} ms  ${name}\n`);
}
