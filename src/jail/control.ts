import { setTimeout as sleep } from 'node:timers/promises';
import { refused } from '../error.ts';
import { complaint, type Run } from '../host/run.ts';
import { type ManagedJail, type Manager, managerOf, type Templates } from './manager.ts';
import { listRunning } from './running.ts';

const patience = 30_000;

/** What of the configuration says how jails are stopped and started. */
export interface Control {
  control: Templates | undefined;
}

/** Requires that a jail can be stopped and started again as it was. Throws `jail-not-managed`, `jail-conf-invalid`. */
export function requireManaged(jail: ManagedJail, { control }: Control): Manager {
  const manager = managerOf(jail, control);
  if (manager) return manager;
  if (jail.broken) throw jail.broken;
  throw refused(
    'jail-not-managed',
    `jail ${jail.name} was made by hand: if it had to be stopped it could not be started again as it was`,
    `Put it into jail.conf, or say in the configuration how it is stopped and started, or stop it yourself: jail -r ${jail.name}`,
  );
}

/** Stops a jail, and makes sure that it has. Throws `jail-not-managed`, `jail-conf-invalid`, `jail-not-stopped`. */
export async function stopJail(run: Run, jail: ManagedJail, config: Control): Promise<void> {
  const { stop } = requireManaged(jail, config);
  if (!(await runs(run, jail))) return;
  const stopped = await run(stop, { changes: true });
  const end = Date.now() + patience;
  while (await runs(run, jail)) {
    if (Date.now() > end)
      throw refused('jail-not-stopped', `jail ${jail.name} does not stop: ${complaint(stopped)}`);
    await sleep(100);
  }
}

/** Starts a jail, unless it runs, and makes sure that it does. Throws `jail-not-managed`, `jail-conf-invalid`, `jail-not-started`. */
export async function startJail(run: Run, jail: ManagedJail, config: Control): Promise<void> {
  if (await runs(run, jail)) return;
  const { start } = requireManaged(jail, config);
  const started = await run(start, { changes: true });
  if (await runs(run, jail)) return;
  throw refused(
    'jail-not-started',
    `jail ${jail.name} does not start: ${complaint(started)}`,
    start.join(' '),
  );
}

/** Whether a jail runs on this root: a manager may give it another name. Throws `command-failed`, `jls-unreadable`. */
export async function runs(run: Run, { name, root }: ManagedJail): Promise<boolean> {
  return (await listRunning(run)).some((jail) => (jail.name === name || jail.path === root) && !jail.dying);
}
