import { type Ended, Lab } from '../lab/open-lab.ts';

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

/** A lab with places for backups. */
export class BackupLab extends Lab {
  override async open(): Promise<void> {
    await super.open();
    await this.must(slowSend);
  }

  get pool(): string {
    return this.environment['LAB_POOL'] ?? '';
  }

  /** Its ZFS is the oldest: no bookmarks, no resuming, no raw streams, and it does not tell what was written. */
  get old(): boolean {
    return this.environment['LAB_ZFS'] === 'fuse';
  }

  /** Configures these targets, `name: place`, and nothing else but `more`, which is text of the table. */
  async targets(places: Readonly<Record<string, string>>, more = ''): Promise<void> {
    const tables = Object.entries(places).map(
      ([name, to]) => `[[backup.targets]]\nname = "${name}"\nto = "${to}"\n`,
    );
    const text = `[backup]\n${more}\n${tables.join('')}`;
    await this.must('cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"; printf %s "$1" >> "$LAB/jtx.toml"', text);
  }

  /** Makes a dataset for backups below the pool; gives its name. */
  async place(name: string, ...options: string[]): Promise<string> {
    const script = 'place=$1; shift; zfs create -o mountpoint=none -o canmount=off "$@" "$place"';
    await this.must(script, `${this.pool}/${name}`, ...options);
    return `${this.pool}/${name}`;
  }

  /** jtx backup ARGS --json. */
  async backup(...args: string[]): Promise<Outcome> {
    return outcomeOf(await this.run(backUp(args)));
  }

  /** The same by a clock that is wrong by so many milliseconds. */
  async backupAt(offset: number, ...args: string[]): Promise<Outcome> {
    const shift = `const right = Date.now; Date.now = () => right() + ${offset};`;
    const preload = `--import data:text/javascript,${encodeURIComponent(shift)}`;
    const environment = offset === 0 ? {} : { NODE_OPTIONS: preload };
    return outcomeOf(await this.run(backUp(args), { environment }));
  }

  /** The same where {@link stall} has an effect. */
  async stalling(...args: string[]): Promise<Outcome> {
    const environment = { PATH: `${this.directory}/slow:${this.environment['PATH']}` };
    return outcomeOf(await this.run(backUp(args), { environment }));
  }

  /** The next `zfs send` stops after so many bytes, until {@link go}. */
  async stall(bytes: number): Promise<void> {
    await this.must('rm -f "$LAB/stalled"; echo "$1" > "$LAB/stall"', String(bytes));
  }

  /** Waits until it has stopped. */
  async stalled(): Promise<void> {
    await this.must('for i in $(seq 600); do [ -e "$LAB/stalled" ] && exit; sleep 0.1; done; exit 1');
  }

  async go(): Promise<void> {
    await this.must('rm -f "$LAB/held" "$LAB/stall"');
  }

  /** The manifest of a jail of the lab. */
  manifest(jail: string): Promise<string> {
    return this.must('manifest "$LAB_JAILS/$1"', jail);
  }

  /** The manifest of a jail as a target has it at a backup; a passphrase where it is encrypted. */
  restored(target: string, jail: string, backup: string, passphrase?: string): Promise<string> {
    const last = passphrase === undefined ? [] : [passphrase];
    return this.must('restored "$@"', target, jail, backup, ...last);
  }
}

function backUp(args: readonly string[]): string[] {
  return ['jtx', 'backup', '--json', ...args];
}

function outcomeOf(ended: Ended): Outcome {
  const { stdout } = ended;
  const { backup = {} }: { backup?: Partial<Outcome> } = stdout.trim() === '' ? {} : JSON.parse(stdout);
  const results = backup.results ?? [];
  const none: Result = { jail: '', target: '', state: 'failed', point: null, bytes: 0, message: stdout };
  const only = results.length === 1 ? (results[0] ?? none) : none;
  return { ...ended, id: backup.id ?? '', results, only };
}
