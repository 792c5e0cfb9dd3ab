import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Copy, completeBackups, membersAt } from '../../src/backup/copy.ts';
import { DirectoryTarget } from '../../src/backup/directory-target.ts';
import { lockRoot, lockShared } from '../../src/host/lock.ts';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';

interface Point {
  id: string;
  goes: boolean;
  reasons: string[];
}

interface Pruned {
  series: { jail: string; target: string | null; kind: string; points: Point[]; besides: string[] }[];
  pools: { free: number; floor: number; expended: string[]; reached: boolean }[];
  failures: { error: { code: string } }[];
}

const forget = `
zfs destroy -r $LAB_POOL/clone 2>/dev/null
for snapshot in $(zfs list -H -r -t snapshot -o userrefs,name $LAB_POOL | grep -v -e '^0' -e @base | cut -f2); do
  for tag in me jtx-to-near jtx-to-files; do zfs release $tag $snapshot 2>/dev/null; done
done
for snapshot in $(zfs list -H -r -t snapshot -o name $LAB_POOL/jails | grep -v @base); do zfs destroy $snapshot 2>/dev/null; done
zfs get -t bookmark -H -r -o name name $LAB_POOL/jails 2>/dev/null | while read -r name; do zfs destroy "$name"; done
zfs destroy -r $LAB_POOL/backup 2>/dev/null
rm -rf $LAB/files; mkdir $LAB/files && zfs create -o mountpoint=none $LAB_POOL/backup
`;

const lab = openForTests(new Lab());
// What is held or cloned keeps the jail from its state.
beforeEach(() => lab.must(forget));
const web = jailForTests(lab, 'web');
let pool: string;
beforeAll(() => {
  pool = lab.environment['LAB_POOL'] ?? '';
});

function configure(retention: string, keep: string): void {
  const places = [
    ['near', `${pool}/backup`],
    ['files', `${lab.directory}/files`],
  ].map(([name, to]) => `[[backup.targets]]\nname = "${name}"\nto = "${to}"\nkeep = "${keep}"\n`);
  cpSync(join(lab.directory, 'jtx.toml.base'), join(lab.directory, 'jtx.toml'));
  appendFileSync(join(lab.directory, 'jtx.toml'), `[retention]\n${retention}\n${places.join('')}`);
}

/** Backs web up after a change of it, and perhaps of its child; gives the backup. */
async function backUp(name: string, child = false): Promise<string> {
  await lab.must(
    'echo "$2" > "$1/state"; [ -z "$3" ] || echo "$2" > "$1/usr/local/www/state"; sync',
    web.root,
    name,
    child ? 'yes' : '',
  );
  const ended = await lab.run(['jtx', 'backup', 'web', '--json']);
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  return JSON.parse(ended.stdout).backup.id;
}

async function prune(...args: string[]): Promise<Ended & { pruned: Pruned }> {
  const ended = await lab.run(['jtx', 'prune', '--json', ...args]);
  return { ...ended, pruned: JSON.parse(ended.stdout).prune };
}

/** Everything that there is: snapshots, datasets, files. */
function everything(): Promise<string> {
  return lab.must('zfs list -H -r -t filesystem,snapshot -o name $LAB_POOL; cd $LAB/files; find . | sort');
}

async function snapshots(dataset: string): Promise<string[]> {
  const listed = await lab.must(
    'zfs list -H -r -d 1 -t snapshot -o name -s createtxg "$1" | cut -d@ -f2',
    dataset,
  );
  return listed.split('\n').filter((name) => name !== '' && name !== 'base');
}

const named = (...backups: string[]): string[] => backups.map((id) => `jtx-backup-${id}`);

/** The backups in the directory, each of which can be read whole. */
async function inDirectory(): Promise<string[]> {
  const target = new DirectoryTarget('files', join(lab.directory, 'files'), { modern: false });
  const copies: Copy[] = await target.list();
  const complete = completeBackups(copies, 'web');
  for (const backup of complete)
    for (const { copy, point } of membersAt(copies, 'web', backup)) await target.streams(copy, point);
  return complete;
}

/** What a file says in the backup of the jail, received from the directory. */
async function restoredFromFiles(backup: string, copyName: string, file: string): Promise<string> {
  const target = new DirectoryTarget('files', join(lab.directory, 'files'), { modern: false });
  const copies = await target.list();
  const member = membersAt(copies, 'web', backup).find(({ copy }) => copy.name === copyName);
  if (!member) throw new Error(`${copyName} is no part of ${backup}`);
  const files = (await target.streams(member.copy, member.point)).map((stream) => stream.file ?? '');
  const receive = `
set -e
for file in "\${@:2}"; do zstd -dcq "$file" | zfs receive -u $LAB_POOL/restored; done
zfs set mountpoint=$LAB/restored $LAB_POOL/restored; zfs mount $LAB_POOL/restored 2>/dev/null || true
cat "$LAB/restored/$1"; zfs unmount $LAB_POOL/restored; for n in 1 2 3 4 5; do zfs destroy -r $LAB_POOL/restored && break; sleep 0.2; done`;
  return (await lab.must(receive, file, ...files)).trim();
}

describe('jtx prune', { timeout: deadline(240_000) }, () => {
  it('keeps on each place what is configured for it, and only says so with --plan', async () => {
    configure('backups = "last 1"', 'last 2');
    const first = await backUp('one', true);
    const [second, third, fourth] = [await backUp('two'), await backUp('three'), await backUp('four')];
    const before = await everything();
    const planned = await prune('--plan');
    expect(planned.status).toBe(0);
    expect(await everything()).toBe(before);
    const goes = planned.pruned.series
      .filter(({ kind, points }) => kind === 'backups' && points.length > 0)
      .map(({ target, points }) => [target, points.filter((point) => point.goes).map(({ id }) => id)]);
    const chain = await inDirectory();
    expect(chain).toEqual([first, second, third, fourth]);

    const ended = await prune();
    expect(ended.status, ended.stderr).toBe(0);
    const went = ended.pruned.series
      .filter(({ kind, points }) => kind === 'backups' && points.length > 0)
      .map(({ target, points }) => [target, points.filter((point) => point.goes).map(({ id }) => id)]);
    expect(went).toEqual(goes);
    // The only copy of what has not changed since.
    const fuse = lab.environment['LAB_ZFS'] === 'fuse';
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(third, fourth));
    expect(await snapshots(`${pool}/backup/web:www`)).toEqual(fuse ? named(third, fourth) : named(first));
    expect(await snapshots(web.dataset)).toEqual(named(fourth));
    expect(await snapshots(`${web.dataset}/www`)).toEqual(named(fourth));
    // One stream builds upon the other here.
    expect(await inDirectory()).toEqual([first, second, third, fourth]);
    expect(await restoredFromFiles(third, 'web', 'state')).toBe('three');
    expect(await restoredFromFiles(fourth, 'web:www', 'state')).toBe('one');

    expect(
      (await prune()).pruned.series.flatMap(({ points }) => points.filter((point) => point.goes)),
    ).toEqual([]);
    const fifth = await backUp('five', true);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(third, fourth, fifth));
    await prune();
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(fourth, fifth));
    expect(await snapshots(`${pool}/backup/web:www`)).toEqual(
      fuse ? named(fourth, fifth) : named(first, fifth),
    );
  });

  it('says of each place what goes and why the rest stays', async () => {
    configure('backups = "last 1"', 'last 1');
    const first = await backUp('one');
    const second = await backUp('two');
    await lab.must('zfs snapshot "$1@by-hand"', web.dataset);
    const plan = await lab.run(['jtx', 'prune', '--plan']);
    expect(plan.stdout).toMatch(
      new RegExp(`web here, backups: 1 of 2 go\\n.*${second}  stays: the newest.*\\n.*${first}  goes`),
    );
    expect(plan.stdout).toMatch(/web on near, backups: 1 of 2 go/);
    expect(plan.stdout).toMatch(new RegExp(`web on files.*\\n.*\\n.*${first}  stays: others build upon it`));
    expect(plan.stdout).toMatch(/stays, as jtx did not make it here: .*web@by-hand/);
    const done = await lab.run(['jtx', 'prune', 'web']);
    expect(done.stdout).toBe(
      [
        '  here: 1 of 2 backups',
        '  near: 1 of 2 backups',
        '  files: 0 of 2 backups',
        'Pruned: 2 of 6 backups.\n',
      ].join('\n'),
    );
  });

  it('leaves what is foreign, held or cloned', async () => {
    configure('backups = "last 1"', 'last 1');
    const ids = [
      await backUp('one', true),
      await backUp('two', true),
      await backUp('three', true),
      await backUp('four', true),
    ];
    const [one = '', two = '', three = '', four = ''] = ids;
    await lab.must(
      `set -e; copy=$LAB_POOL/backup/web
      zfs hold me "$1/www@jtx-backup-$2"; zfs clone "$1@jtx-backup-$3" $LAB_POOL/clone
      zfs snapshot "$1@by-hand"; zfs snapshot "$1@jtx-backup-01ARZ3NDEKTSV4RRFFQ69G5FAV"
      zfs snapshot $copy@theirs; zfs hold me $copy:www@jtx-backup-$2`,
      web.dataset,
      one,
      two,
    );
    const { status, pruned } = await prune();
    expect(status).toBe(0);
    expect(await snapshots(web.dataset)).toEqual([
      ...named(one, two, four),
      'by-hand',
      'jtx-backup-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    ]);
    expect(await snapshots(`${web.dataset}/www`)).toEqual(named(one, two, four));
    expect(await snapshots(`${pool}/backup/web`)).toEqual([...named(one, four), 'theirs']);
    expect(await snapshots(`${pool}/backup/web:www`)).toEqual(named(one, four));
    const near = pruned.series.find(({ target }) => target === 'near')?.points ?? [];
    expect(near.map(({ id, goes }) => [id, goes])).toEqual([
      [four, false],
      [three, true],
      [two, true],
      [one, false],
    ]);
    expect(near.at(-1)?.reasons).toContain('pinned: held');
  });

  it('leaves a backup whole where a clone of it shows only when it is to go', async () => {
    configure('', 'last 1');
    const [one, two] = [await backUp('one', true), await backUp('two', true)];
    // Outside of what a target lists; an old zfs(8) does not tell of it.
    await lab.must('zfs clone "$1" $LAB_POOL/clone', `${pool}/backup/web@jtx-backup-${one}`);
    const { status, pruned } = await prune('--target', 'near');
    expect(status).toBe(0);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(one, two));
    expect(await snapshots(`${pool}/backup/web:www`)).toEqual(named(one, two));
    expect(pruned.series[0]?.points.at(-1)?.reasons.join()).toMatch(/clone/);
  });

  it('drops the copy of a child that the jail has no more, when no backup refers to it', async () => {
    configure('', 'last 1');
    await lab.must('zfs create "$1/old"', web.dataset);
    await backUp('one');
    await lab.must(
      'for n in 1 2 3 4 5; do zfs destroy -r "$1/old" && exit; for s in $(zfs list -H -r -t snapshot -o name "$1/old"); do zfs release jtx-to-near $s; zfs release jtx-to-files $s; done; sleep 0.2; done',
      web.dataset,
    );
    await backUp('two');
    const { status, stderr } = await prune();
    expect(status, stderr).toBe(0);
    expect(await lab.must('zfs list -H -o name -r -d 1 $LAB_POOL/backup | sed "s,.*/,,"')).toBe(
      'backup\nweb\nweb:www\n',
    );
  });

  it('drops what a jail does not go on from, and streams upon which nothing builds', async () => {
    configure('', 'last 1');
    const one = await backUp('one');
    // Without a common state everything begins anew.
    await lab.must(`${forget.split('zfs destroy -r $LAB_POOL/backup')[0]} true`);
    const two = await backUp('two');
    expect(await lab.must('zfs list -H -o name -r $LAB_POOL/backup')).toContain('web.until-');
    expect(await inDirectory()).toEqual([one, two]);
    const { status, pruned } = await prune();
    expect([status, pruned.failures]).toEqual([0, []]);
    expect(await lab.must('zfs list -H -o name -r -d 1 $LAB_POOL/backup | sed "s,.*/,,"')).toBe(
      'backup\nweb\nweb:www\n',
    );
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(two));
    expect(await inDirectory()).toEqual([two]);
    expect(await lab.must('ls $LAB/files/web $LAB/files/web:www | grep -c .')).toBe('8\n');
    expect(await restoredFromFiles(two, 'web', 'state')).toBe('two');
  });

  it('waits for no backup that runs', async () => {
    configure('backups = "last 1"', 'last 1');
    const lock = lockRoot(join(lab.directory, 'journal/locks'), 'the backups');
    try {
      const { status, stderr } = await lab.run(['jtx', 'prune']);
      expect([status, stderr]).toEqual([
        6,
        expect.stringContaining('another backup, or a prune, is running'),
      ]);
      expect((await lab.run(['jtx', 'prune', '--plan'])).status).toBe(0);
    } finally {
      lock.release();
    }
  });

  it.each([['restore', 'web', '--as', 'beside'], ['restore', 'web', '--path', '/state'], ['check-backup']])(
    'keeps %s from running meanwhile, and waits for none',
    async (...words) => {
      configure('backups = "last 1"', 'last 1');
      const [one, two] = [await backUp('one'), await backUp('two')];
      const locks = join(lab.directory, 'journal/locks');
      const reading = lockShared(locks, 'what can be restored', { code: 'x', message: 'held' });
      try {
        const { status, stderr } = await lab.run(['jtx', 'prune']);
        expect([status, stderr]).toEqual([
          6,
          expect.stringContaining('a restore, or a check of backups, is'),
        ]);
        expect(await snapshots(web.dataset)).toEqual(named(one, two));
      } finally {
        reading.release();
      }
      const pruning = lockRoot(locks, 'what can be restored');
      try {
        const { status, stderr } = await lab.run(['jtx', ...words]);
        expect([status, stderr]).toEqual([6, expect.stringContaining('a prune is running')]);
      } finally {
        pruning.release();
      }
      expect((await prune()).status).toBe(0);
    },
  );

  it('takes no stream away beneath a restore; a backup does not wait for that', async () => {
    configure('', 'last 1');
    await backUp('one');
    await lab.must(`${forget.split('zfs destroy -r $LAB_POOL/backup')[0]} true`);
    const two = await backUp('two');
    // The first stream stops when it is to be read.
    await lab.must(`
      mkdir -p "$LAB/slow"; touch "$LAB/hold"
      printf '#!/bin/sh\\ntouch "%s/reads"; while [ -e "%s/hold" ]; do sleep 0.1; done; exec %s "$@"\\n' \\
        "$LAB" "$LAB" "$(command -v zstd)" > "$LAB/slow/zstd"
      chmod 755 "$LAB/slow/zstd"`);
    const environment = { PATH: `${lab.directory}/slow:${lab.environment['PATH']}` };
    const words = ['jtx', 'restore', 'web', '--from', 'files', '--as', 'beside', '--at'];
    const oldest = (await inDirectory())[0] ?? '';
    const restored = lab.run([...words, oldest], { environment });
    await lab.must('for i in $(seq 300); do [ -e "$LAB/reads" ] && exit; sleep 0.1; done; exit 1');
    expect((await lab.run(['jtx', 'prune'])).status).toBe(6);
    const three = await backUp('three');
    await lab.must('rm "$LAB/hold"');
    const ended = await restored;
    expect(ended.status, ended.stdout + ended.stderr).toBe(0);
    expect(await lab.must('cat "$LAB_JAILS/beside/state"')).toBe('one\n');
    expect((await prune()).status).toBe(0);
    expect(await inDirectory()).toEqual([two, three]);
    await lab.must('for i in $(seq 20); do zfs destroy -r "$LAB_POOL/jails/beside" && exit; sleep 0.2; done');
  });

  it('leaves what is being sent to somebody, and says so', async (test) => {
    test.skip(lab.environment['LAB_ZFS'] === 'fuse', 'zfs-fuse destroys it when it was sent, and not before');
    configure('', 'last 1');
    await lab.must('dd if=/dev/urandom of="$1/large" bs=1M count=4 2>/dev/null', web.root);
    const [one, two] = [await backUp('one'), await backUp('two')];
    await lab.must(
      'mkfifo "$LAB/pipe"; { zfs send "$1" > "$LAB/pipe"; } 2>/dev/null & exec 7< "$LAB/pipe"; head -c 1000 <&7 > /dev/null; sleep 1; jtx prune --target near; kill $!; rm "$LAB/pipe"',
      `${pool}/backup/web@jtx-backup-${one}`,
    );
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(one, two));
    expect(await snapshots(`${pool}/backup/web:www`)).toContain(`jtx-backup-${one}`);
    expect((await prune('--target', 'near')).status).toBe(0);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(two));
  });

  it('never takes the last that is whole, though something newer has come in part', async () => {
    configure('backups = "last 1"', 'last 1');
    const [zero, one, cut] = [
      await backUp('zero', true),
      await backUp('one', true),
      await backUp('cut', true),
    ];
    // The jail's own dataset is the last to be sent.
    await lab.must(
      'copy=$LAB_POOL/backup/web; zfs destroy "$copy@jtx-backup-$2"; zfs rollback "$copy@jtx-backup-$1"; rm "$LAB/files/web/$2".*',
      one,
      cut,
    );
    const { status, pruned } = await prune();
    expect([status, pruned.failures]).toEqual([0, []]);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(one));
    expect(await snapshots(`${pool}/backup/web:www`)).toEqual(named(one, cut));
    expect(await inDirectory()).toEqual([zero, one]);
    expect(await restoredFromFiles(one, 'web', 'state')).toBe('one');
    const next = await backUp('next', true);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(one, next));
    expect(await inDirectory()).toEqual([zero, one, next]);
  });

  it('never takes what a target goes on from that was away', async () => {
    configure('backups = "last 1"', 'last 1');
    const one = await backUp('one', true);
    await lab.must('mv "$LAB/files" "$LAB/away"; echo more > "$1/state"; sync', web.root);
    for (const round of [1, 2]) {
      await lab.must('echo "more $2" > "$1/state"; sync', web.root, String(round));
      expect((await lab.run(['jtx', 'backup', 'web'])).status).toBe(5);
      expect((await prune()).status).toBe(5);
    }
    await lab.must('mv "$LAB/away" "$LAB/files"');
    const back = await backUp('back', true);
    expect(await inDirectory()).toEqual([one, back]);
    expect(await lab.must('cat "$LAB/files/web/$1.json"', back)).toContain(`"backup":"${one}"`);
    expect(await restoredFromFiles(back, 'web', 'state')).toBe('back');
  });

  it('leaves a jail alone that is being changed, and ends with 6', async () => {
    configure('backups = "last 1"', 'last 1');
    const [one, two] = [await backUp('one'), await backUp('two')];
    const lock = lockRoot(join(lab.directory, 'journal/locks'), web.root);
    try {
      const { status, pruned } = await prune();
      expect([status, pruned.failures[0]?.error.code]).toEqual([6, 'jail-busy']);
      expect(await snapshots(web.dataset)).toEqual(named(one, two));
      expect(await snapshots(`${pool}/backup/web`)).toEqual(named(two));
    } finally {
      lock.release();
    }
  });

  it('prunes the others where a target cannot be reached, and ends with 5', async () => {
    configure('', 'last 1');
    const [, two] = [await backUp('one'), await backUp('two')];
    await lab.must('rm -rf $LAB/files');
    const { status, pruned } = await prune();
    expect([status, pruned.failures[0]?.error.code]).toEqual([5, 'target-missing']);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(two));
  });

  it.each([
    [['nothing'], 3, 'jail-unknown'],
    [['--target', 'nothing'], 3, 'target-unknown'],
  ])('refuses %j', async (args, status, code) => {
    configure('', 'last 1');
    const ended = await lab.run(['jtx', 'prune', '--json', ...args]);
    expect([ended.status, JSON.parse(ended.stdout).error.code]).toEqual([status, code]);
  });

  it('destroys nothing where nothing is configured', async () => {
    await backUp1();
    const before = await everything();
    const { status, stdout } = await lab.run(['jtx', 'prune']);
    expect([status, stdout]).toEqual([0, 'Nothing was destroyed.\n']);
    expect(await everything()).toBe(before);
  });

  async function backUp1(): Promise<void> {
    configure('', 'all');
    await backUp('one');
    await backUp('two');
    cpSync(join(lab.directory, 'jtx.toml.base'), join(lab.directory, 'jtx.toml'));
  }
});

describe('the snapshots of transactions', { timeout: deadline(240_000) }, () => {
  it('go but for those that are kept, on trial or the origin of what is set aside', async () => {
    configure('transactions = "last 1"', 'all');
    const tiny = await web.jtx('install', 'tiny');
    const foo = await web.jtx('install', 'libfoo');
    expect([tiny.state, foo.state]).toEqual(['committed', 'committed']);
    const undone = await web.jtx('install', 'hello');
    expect((await web.jtx('rollback')).state).toBe('committed');
    const trial = await web.jtx('install', 'hello', '--confirm-within', '10m');
    expect((await prune()).status).toBe(0);
    const left = await snapshots(web.dataset);
    expect(left).toEqual([undone, trial].map(({ id }) => `jtx-${id}`));
    expect((await web.jtx('confirm')).status).toBe(0);
    expect((await web.jtx('rollback', String(foo.id))).code).toBe('snapshot-missing');
    const { transactions } = JSON.parse((await lab.run(['jtx', 'history', '--json'])).stdout);
    expect(transactions.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining([tiny.id, foo.id]),
    );
    const ended = await lab.run(['jtx', 'rollback', 'web', '--json']);
    expect(JSON.parse(ended.stdout).transaction.state).toBe('committed');
  });
});

describe('the floor of free space', { timeout: deadline(240_000) }, () => {
  const megabytes = 1024 * 1024;
  const free = async (): Promise<number> =>
    Number(await lab.must('zpool sync $LAB_POOL 2>/dev/null; zfs get -Hp -o value available $LAB_POOL'));

  /** Three backups of which each keeps 20 MiB that the jail has no more. */
  async function large(): Promise<string[]> {
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three', 'four']) {
      await lab.must('dd if=/dev/urandom of="$1/large" bs=1M count=20 2>/dev/null', web.root);
      ids.push(await backUp(name));
    }
    await lab.must('rm "$1/large"; sync; sleep 1', web.root);
    return ids;
  }

  it('takes the oldest, one at a time, until there is enough', async () => {
    configure('backups = "last 9"', 'all');
    const ids = await large();
    // Where a hold keeps the base of a target nothing but the newest is held.
    const wanted = (await free()) + 30 * megabytes;
    configure(`backups = "last 9"\nfree = ${wanted}`, 'all');
    const { status, pruned } = await prune();
    expect(await snapshots(web.dataset)).toEqual(named(...ids.slice(2)));
    expect([status, pruned.pools[0]?.reached]).toEqual([0, true]);
    expect(pruned.pools[0]?.expended).toHaveLength(4);
    expect(await snapshots(`${pool}/backup/web`)).toEqual(named(...ids));
  });

  it('says so where nothing more may go, and ends with 5', async () => {
    configure('backups = "last 9"\nfree = "99%"', 'all');
    const [, , , four = ''] = await large();
    const plan = await lab.run(['jtx', 'prune', '--plan']);
    expect([plan.status, plan.stdout]).toEqual([
      0,
      expect.stringContaining('these go too, until there is enough'),
    ]);
    const { status, stdout } = await lab.run(['jtx', 'prune']);
    expect([status, stdout]).toEqual([5, expect.stringContaining('TOO LITTLE ROOM')]);
    expect(await snapshots(web.dataset)).toEqual(named(four));
  });

  it('takes nothing for which no retention is configured', async () => {
    configure('free = 1000000000000000', 'all');
    const ids = [await backUp('one'), await backUp('two')];
    expect((await prune()).status).toBe(5);
    expect(await snapshots(web.dataset)).toEqual(named(...ids));
  });
});
