import { type Ended, type Lab, openLab } from '../lab/open-lab.ts';

/** What became of one jail on one target. */
export interface Result {
  jail: string;
  target: string;
  state: 'sent' | 'unchanged' | 'failed';
  point: string | null;
  bytes: number;
  message: string | null;
}

/** How a run of jtx backup ended. */
export interface Outcome extends Ended {
  id: string;
  results: Result[];
  /** The one result of a run that has one. */
  only: Result;
}

/** A lab with places for backups. */
export interface BackupLab extends Lab {
  pool: string;
  /** Its ZFS is the oldest: no bookmarks, no resuming, no raw streams, and it does not tell what was written. */
  old: boolean;
  /** Configures these targets, `name: place`, and nothing else but `more`, which is text of the table. */
  targets(places: Readonly<Record<string, string>>, more?: string): Promise<void>;
  /** Makes a dataset for backups below the pool; gives its name. */
  place(name: string, ...options: string[]): Promise<string>;
  /** jtx backup ARGS --json. */
  backup(...args: string[]): Promise<Outcome>;
  /** The same where {@link stall} has an effect. */
  stalling(...args: string[]): Promise<Outcome>;
  /** The next `zfs send` stops after so many bytes, until {@link go}. */
  stall(bytes: number): Promise<void>;
  /** Waits until it has stopped. */
  stalled(): Promise<void>;
  go(): Promise<void>;
  /** The manifest of a jail of the lab. */
  manifest(jail: string): Promise<string>;
  /** The manifest of a jail as a target has it at a backup; a passphrase where it is encrypted. */
  restored(target: string, jail: string, backup: string, passphrase?: string): Promise<string>;
}

const slowSend = `
mkdir -p "$LAB/slow"
real=$(command -v zfs)
cat > "$LAB/slow/zfs" <<END
#!/bin/bash
if [ "\\$1" = send ] && mv "$LAB/stall" "$LAB/held" 2>/dev/null; then
  set -o pipefail
  $real "\\$@" | { head -c "\\$(cat "$LAB/held")"; touch "$LAB/stalled"; while [ -e "$LAB/held" ]; do sleep 0.05; done; exec cat; }
  exit
fi
exec $real "\\$@"
END
chmod 755 "$LAB/slow/zfs"
cp "$LAB/jtx.toml" "$LAB/jtx.toml.base"
`;

/** Opens a lab for backups. */
export async function openBackupLab(): Promise<BackupLab> {
  const lab = await openLab();
  await lab.must(slowSend);
  const pool = lab.environment['LAB_POOL'] ?? '';
  const environment = { PATH: `${lab.directory}/slow:${lab.environment['PATH']}` };
  const run = async (args: readonly string[], slow: boolean): Promise<Outcome> => {
    const ended = await lab.run(['jtx', 'backup', '--json', ...args], slow ? { environment } : {});
    return { ...ended, ...outcomeOf(ended.stdout) };
  };
  return {
    ...lab,
    pool,
    old: lab.environment['LAB_ZFS'] === 'fuse',
    async targets(places, more = '') {
      const tables = Object.entries(places).map(
        ([name, to]) => `[[backup.targets]]\nname = "${name}"\nto = "${to}"\n`,
      );
      const text = `[backup]\n${more}\n${tables.join('')}`;
      await lab.must('cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"; printf %s "$1" >> "$LAB/jtx.toml"', text);
    },
    async place(name, ...options) {
      const script = 'place=$1; shift; zfs create -o mountpoint=none -o canmount=off "$@" "$place"';
      await lab.must(script, `${pool}/${name}`, ...options);
      return `${pool}/${name}`;
    },
    backup: (...args) => run(args, false),
    stalling: (...args) => run(args, true),
    async stall(bytes) {
      await lab.must('rm -f "$LAB/stalled"; echo "$1" > "$LAB/stall"', String(bytes));
    },
    async stalled() {
      await lab.must('for i in $(seq 600); do [ -e "$LAB/stalled" ] && exit; sleep 0.1; done; exit 1');
    },
    async go() {
      await lab.must('rm -f "$LAB/held" "$LAB/stall"');
    },
    manifest: (jail) => lab.must('manifest "$LAB_JAILS/$1"', jail),
    restored: (target, jail, backup, passphrase) =>
      lab.must('restored "$@"', target, jail, backup, ...(passphrase === undefined ? [] : [passphrase])),
  };
}

function outcomeOf(text: string): Pick<Outcome, 'id' | 'results' | 'only'> {
  const { backup = {} }: { backup?: Partial<Outcome> } = text.trim() === '' ? {} : JSON.parse(text);
  const results = backup.results ?? [];
  const none: Result = { jail: '', target: '', state: 'failed', point: null, bytes: 0, message: text };
  return { id: backup.id ?? '', results, only: results.length === 1 ? (results[0] ?? none) : none };
}
