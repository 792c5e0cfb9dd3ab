import { resolve } from 'node:path';
import { usage } from '../error.ts';
import type { Abi } from '../jail/abi.ts';
import { jailName } from '../jail/name.ts';
import { option } from '../pkg/names.ts';
import type { ChangeRequest } from '../transaction/request.ts';
import { parseProbes } from '../verify/probe.ts';
import type { ChangeOptions } from './change-options.ts';

/** Validates everything that a person wrote, before anything is opened. Throws `usage`. */
export function requestOf(verb: ChangeRequest['verb'], jail: string, options: ChangeOptions): ChangeRequest {
  return {
    jail: jailName(jail),
    verb,
    words: [],
    planOnly: options.plan === true,
    rehearse: options.rehearse === true,
    stop: options.stop === true,
    onData: options.onData ?? 'aside',
    confirmWithin: options.confirmWithin,
    allowRemovals: options.allowRemovals === true,
    migrateDatabase: options.migrateDatabase === true,
    ...rootdirOf(options),
    keepFailed: options.keepFailed === true,
    abi: abiOf(options),
    files: {
      pkgConfig: options.pkgConfig === undefined ? undefined : resolve(options.pkgConfig),
      repoConfDir: options.repoConfDir === undefined ? undefined : resolve(options.repoConfDir),
    },
    options: (options.option ?? []).map(option),
    probes: parseProbes(options.verify ?? [], options.expect ?? []),
  };
}

/** What `--rootdir` and `--scripts-on-host` say together. Throws `usage`. */
function rootdirOf({
  rootdir = false,
  scriptsOnHost = false,
}: ChangeOptions): Pick<ChangeRequest, 'rootdir' | 'scriptsOnHost'> {
  if (scriptsOnHost && !rootdir)
    throw usage('--scripts-on-host goes with --rootdir', 'Otherwise scripts run in the jail.');
  return { rootdir, scriptsOnHost };
}

/** What `--abi` and `--osversion` say together. Throws `usage`. */
export function abiOf({ abi, osversion }: ChangeOptions): Abi | undefined {
  if (abi === undefined && osversion === undefined) return undefined;
  if (abi === undefined || osversion === undefined) throw usage('--abi and --osversion go together');
  if (!/^FreeBSD:\d{1,3}:[a-z0-9]+$/.test(abi))
    throw usage(`--abi ${abi}: wanted is something like FreeBSD:14:amd64`);
  if (!/^\d{6,7}$/.test(osversion)) throw usage(`--osversion ${osversion}: wanted is something like 1401000`);
  return { abi, osversion: Number(osversion) };
}
