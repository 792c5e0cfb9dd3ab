import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const isMissing = spawnSync('shellcheck', ['--version']).status !== 0;

/** Every script of the project that is for sh(1), bash's left out. */
function shellScripts(): string[] {
  const names = ['scripts', 'test'].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)),
  );
  const files = names.filter((name) => statSync(name).isFile());
  return files.filter((file) => /^#!\/bin\/sh\b/.test(readFileSync(file, 'latin1')));
}

test('there are scripts to look at', () => {
  expect(shellScripts()).toEqual(
    expect.arrayContaining([
      'scripts/nightly-backup',
      'scripts/setup',
      'scripts/periodic/daily/410.jtx-backup',
      'scripts/periodic/security/410.jtx-status',
      'scripts/rc.d/jtx_recover',
    ]),
  );
});

test.skipIf(isMissing)(
  `shellcheck finds nothing in them${isMissing ? ' (skipped: there is no shellcheck)' : ''}`,
  () => {
    // SC1091: what FreeBSD has in /etc is not here.
    const checked = spawnSync(
      'shellcheck',
      ['-s', 'sh', '-S', 'warning', '-e', 'SC1091', '-f', 'gcc', ...shellScripts()],
      {
        encoding: 'utf8',
      },
    );
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  },
);
