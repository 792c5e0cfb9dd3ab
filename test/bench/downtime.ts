import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the service of a jail did not answer, in one way of making an upgrade that fails. */
export interface Downtime {
  name: string;
  /** Milliseconds without an answer, the median of the rounds. */
  down: number;
  /** Milliseconds that the whole took, likewise. */
  whole: number;
}

const environment = process.env;
const jails = environment['LAB_JAILS'] ?? '';
const root = join(jails, 'web');
const dataset = `${environment['LAB_POOL']}/jails/web`;
const socket = join(root, 'var/run/web.sock');
const configuration = `user nobody nogroup;
pid /var/run/nginx.pid;
events {}
http { server { listen unix:/var/run/web.sock; location / { return 200; } } }
`;
const failing = ['--verify', 'nginx -v', '--expect', 'never'];

// What a careful person does by hand: stop, snapshot, upgrade, look, go back, start.
const byHand = `
set -e
# zfs-fuse may say for a moment after an unmount that there was an I/O error.
back() { zfs rollback "$1" || zfs rollback "$1" || { sleep 0.1; zfs rollback "$1"; }; }
service jail onestop web >/dev/null
zfs snapshot -r "$1@hand"
pkg -c "$2" -o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000 upgrade -y >/dev/null
! chroot "$2" /usr/local/sbin/nginx -v 2>&1 | grep -q never
zfs unmount "$1/www"; zfs unmount "$1"
back "$1/www@hand"; back "$1@hand"
zfs mount "$1"; zfs mount "$1/www"
service jail onestart web >/dev/null
`;

const ways: [string, string[]][] = [
  ['jtx upgrade --rehearse', ['jtx', 'upgrade', 'web', '--rehearse', ...failing]],
  ['jtx upgrade of the running jail', ['jtx', 'upgrade', 'web', ...failing]],
  ['jtx upgrade --stop', ['jtx', 'upgrade', 'web', '--stop', ...failing]],
  ['stop, upgrade, restore and start by hand', ['sh', '-c', byHand, 'sh', dataset, root]],
];

/** Measures every way in turn, A B C D A B C D, on a running jail with nginx whose upgrade fails in verification. */
export async function measureDowntime(rounds: number): Promise<Downtime[]> {
  prepare();
  const taken = ways.map(() => ({ down: [] as number[], whole: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, [, command]] of ways.entries()) {
      const { down, whole } = await watched(command);
      taken[at]?.down.push(down);
      taken[at]?.whole.push(whole);
    }
  }
  execFileSync('service', ['jail', 'onestop', 'web']);
  return ways.map(([name], at) => ({
    name,
    down: middle(taken[at]?.down ?? []),
    whole: middle(taken[at]?.whole ?? []),
  }));
}

function prepare(): void {
  must('jtx', 'install', 'web', 'nginx');
  writeFileSync(join(root, 'usr/local/etc/nginx/nginx.conf'), configuration);
  writeFileSync(join(root, 'etc/rc.conf'), 'nginx_enable=YES\n');
  const repository = `lab: { url: "${environment['LAB_REPO_NEXT_URL']}", enabled: yes }\n`;
  writeFileSync(join(root, 'usr/local/etc/pkg/repos/lab.conf'), repository);
  must('service', 'jail', 'onestart', 'web');
}

function must(program: string, ...args: string[]): void {
  // Not through a pipe: the servers of a jail that is started here would hold it open.
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
}

async function watched([program = '', ...args]: readonly string[]): Promise<{ down: number; whole: number }> {
  const file = join(environment['LAB'] ?? '', 'answers');
  writeFileSync(file, '');
  const pinger = spawn('node', [join(environment['LAB_TOP'] ?? '', 'dist/lab/pinger.js'), socket, file]);
  await answers(file, 20);
  const started = performance.now();
  const child = spawn(program, args, { stdio: 'ignore' });
  const [status] = await once(child, 'exit');
  const whole = performance.now() - started;
  // The upgrade is to fail, and to be put back: 4 is jtx's word for that, and by hand all steps must have gone well.
  if (status !== (program === 'jtx' ? 4 : 0)) throw new Error(`${program} ended with ${status}`);
  const answered = readFileSync(file, 'utf8').split('\n').length;
  await answers(file, answered + 20);
  pinger.kill('SIGKILL');
  await once(pinger, 'exit');
  const down = gaps(readFileSync(file, 'utf8').trim().split('\n').map(Number));
  rmSync(file);
  clean();
  return { down, whole };
}

/** Waits until there are so many answers; a server that does not come back is a failure. */
async function answers(file: string, count: number): Promise<void> {
  const end = Date.now() + 60_000;
  while (readFileSync(file, 'utf8').split('\n').length < count) {
    if (Date.now() > end) throw new Error('the service does not answer');
    await sleep(20);
  }
}

// A server that answers does so within a few milliseconds, on a busy machine too.
const pause = 150;

function gaps(times: readonly number[]): number {
  return times.reduce((sum, time, at) => {
    const gap = time - (times[at - 1] ?? time);
    return gap > pause ? sum + gap : sum;
  }, 0);
}

/** Takes away what a round has left. */
function clean(): void {
  const names = execFileSync('zfs', ['list', '-H', '-o', 'name'], { encoding: 'utf8' }).split('\n');
  for (const name of names.filter((other) => /web\.aside-[^/]*$/.test(other)))
    must('zfs', 'destroy', '-r', name);
  spawnSync('zfs', ['destroy', '-r', `${dataset}@hand`]);
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
