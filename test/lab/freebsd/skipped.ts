/** The tests that FreeBSD skips, and why; files and directories of the project. */
export const skippedOnFreebsd: Readonly<Record<string, string>> = {
  'test/lab/host': "holds Linux's stand-ins to FreeBSD's own commands",
  'test/lab/freebsd': "runs FreeBSD's lab in that of Linux",
  'test/lab/openzfs': 'starts a User Mode Linux guest',
  'test/lab/conformance': 'holds the stand-in for pkg to the real one, in roots made of busybox',
  'test/lab/repository/software.test.ts': "repacks Debian's PostgreSQL and nginx",
  'test/transaction/postgresql.test.ts': "needs Debian's PostgreSQL, repacked",
  'test/transaction/truth-table.test.ts': "its rows read Linux's /proc",
  'test/transaction/truth-table-policy.test.ts': "its rows read Linux's /proc",
  'test/transaction/truth-table-room.test.ts': "its rows read Linux's /proc",
  'test/transaction/truth-table-world.test.ts': "its rows read Linux's /proc",
  'test/transaction/rollback.test.ts': "reads Linux's /proc",
  'test/transaction/surroundings.test.ts': "reads Linux's /proc",
  'test/transaction/lost-journal.test.ts': "mounts Linux's tmpfs",
  'test/transaction/drift.test.ts':
    "turns the kernel's version, and another machine's, which only Linux's stand-in lets it",
  'test/transaction/older-database.test.ts':
    'plants what is older than the stand-in for pkg, and reads its version',
  'test/transaction/other-machine.test.ts': 'makes a root of another machine of one that is busybox alone',
  'test/transaction/rootdir.test.ts': 'its packages are for FreeBSD 14, and so is the root that says nothing',
  'test/transaction/thin-jail.test.ts': "edits with GNU's sed",
  'test/host/run.test.ts': 'starts daemons with setsid(1)',
  'test/hostile/proxy.test.ts': 'mounts over /etc/hosts as Linux does',
  'test/transaction/mount-table.test.ts': 'shows a dataset elsewhere by a bind mount',
  'test/hostile/links.test.ts': "reads Linux's /proc",
  'test/hostile/libraries.test.ts': "makes Linux's devices",
  'test/hostile/processes.test.ts': 'starts daemons with setsid(1)',
};
