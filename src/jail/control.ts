import { setTimeout as sleep } from 'node:timers/promises';
import { refused } from '../error.ts';
import { complaint, type Run } from '../host/run.ts';
import { listRunning, type RunningJail } from './running.ts';

const patience = 30_000;

/** Stops a configured jail, and makes sure that it has. Throws `jail-not-managed`, `jail-not-stopped`. */
export async function stopJail(run: Run, jail: RunningJail, configured: boolean): Promise<void> {
  if (!configured) {
    throw refused(
      'jail-not-managed',
      `jail ${jail.name} is not in jail.conf: it could not be started again as it was`,
      `Stop it yourself: jail -r ${jail.name}`,
    );
  }
  const stopped = await run(['service', 'jail', 'onestop', jail.name], { changes: true });
  const end = Date.now() + patience;
  while (await runs(run, jail.name)) {
    if (Date.now() > end)
      throw refused('jail-not-stopped', `jail ${jail.name} does not stop: ${complaint(stopped)}`);
    await sleep(100);
  }
}

/** Starts a configured jail, unless it runs, and makes sure that it does. Throws `jail-not-started`. */
export async function startJail(run: Run, name: string): Promise<void> {
  if (await runs(run, name)) return;
  const started = await run(['service', 'jail', 'onestart', name], { changes: true });
  if (await runs(run, name)) return;
  throw refused(
    'jail-not-started',
    `jail ${name} does not start: ${complaint(started)}`,
    `service jail onestart ${name}`,
  );
}

async function runs(run: Run, name: string): Promise<boolean> {
  return (await listRunning(run)).some((jail) => jail.name === name && !jail.dying);
}
