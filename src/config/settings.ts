import type { Templates } from '../jail/manager.ts';
import type { KnownProgram } from '../verify/known-programs.ts';
import { type BackupConfig, noBackups } from './backup.ts';
import { keepAll, type RetentionConfig } from './retention.ts';

/** Everything that can be configured, in one TOML file (docs/administration.md). */
export interface Config {
  /** The journal's file; its directory also holds the locks. */
  journal: string;
  /** Where the root of a jail lies that neither runs nor is configured: `<jailsRoot>/<name>`. */
  jailsRoot: string;
  /** jail.conf(5), as jail(8) itself parses it. */
  jailConf: string;
  /** The devfs(8) ruleset of a jail's /dev. */
  devfsRuleset: number;
  /** The pkg(8) of the host. */
  pkg: string;
  /** Milliseconds for which pkg may be silent before it counts as hung. */
  pkgSilence: number;
  /** Milliseconds that one probe may take. */
  probeDeadline: number;
  /** Programs that are asked for their versions, besides those that jtx knows. */
  probes: readonly KnownProgram[];
  /** What the static tier does not judge: files of a jail, and directories with a slash at their end. */
  staticAccept: readonly string[];
  /** Machines besides its own whose programs this host runs, by an emulator. */
  emulated: readonly string[];
  /** Bytes that the pool must have free beyond the download before a change starts. */
  minimumFree: number;
  /** resolv.conf(5) of the host, whose name server is lent to pkg. */
  resolvConf: string;
  /** Rehearse every change of a jail that runs. */
  rehearse: boolean;
  /** How every jail is stopped and started, also one of jail.conf or of a known manager; undefined leaves it to those. */
  control: Templates | undefined;
  /** Where backups go, which are kept, and what a jail does for one. */
  backup: BackupConfig;
  /** Which of jtx's own snapshots stay on this host. */
  retention: RetentionConfig;
}

/** What is in force where nothing is configured. */
export const defaults: Config = {
  journal: '/var/db/jtx/journal.db',
  jailsRoot: '/jails',
  jailConf: '/etc/jail.conf',
  devfsRuleset: 4,
  pkg: 'pkg',
  pkgSilence: 15 * 60_000,
  probeDeadline: 60_000,
  probes: [],
  staticAccept: [],
  emulated: [],
  minimumFree: 64 * 1024 * 1024,
  resolvConf: '/etc/resolv.conf',
  rehearse: false,
  control: undefined,
  backup: noBackups,
  retention: keepAll,
};
