import { describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

/** Without a journal nothing is changed; and nothing is ever written over one that cannot be read. */
describe('a journal that is not there for jtx', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  const spoiled: [name: string, script: string][] = [
    ['no database', 'mkdir -p "$LAB/journal"; head -c 8192 /dev/urandom > "$LAB/journal/journal.db"'],
    [
      'of a newer jtx',
      'jtx recover >/dev/null; sqlite "$LAB/journal/journal.db" "PRAGMA user_version = 999"',
    ],
    ['a directory', 'mkdir -p "$LAB/journal/journal.db"'],
    ['on a read-only file system', 'mkdir -p "$LAB/journal"; /bin/mount -t tmpfs -o ro tmpfs "$LAB/journal"'],
    ['on a full file system', 'mkdir -p "$LAB/journal"; /bin/mount -t tmpfs -o size=4k tmpfs "$LAB/journal"'],
    ['below a file', 'rm -rf "$LAB/journal"; touch "$LAB/journal"'],
  ];
  for (const [name, script] of spoiled) {
    it(`the journal is ${name}`, async () => {
      const sqlite = `sqlite() { node -e 'const D=require(process.env.LAB_TOP+"/node_modules/better-sqlite3");new D(process.argv[1]).exec(process.argv[2])' "$@"; }`;
      await lab.must(`${sqlite}; ${script}`);
      try {
        const before = await jail.manifest();
        const ended = await lab.run(['jtx', 'install', 'web', 'tiny']);
        expect(ended.status, ended.stderr).toBe(3);
        expect(ended.stderr).toMatch(/^jtx: .*journal/);
        expect(await jail.manifest()).toBe(before);
        expect(await lab.must('zfs list -H -r -t snapshot -o name "$LAB_POOL" | grep @jtx- || true')).toBe(
          '',
        );
      } finally {
        await lab.sh('umount "$LAB/journal" 2>/dev/null; rm -rf "$LAB/journal"');
      }
    });
  }
});
