import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findExpected } from '../../src/backup/expected.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { scripted } from '../host/scripted.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { asLines } from '../zfs/printed.ts';

test('a jail is expected to have backups unless its dataset or the configuration leaves it out', async () => {
  const directory = temporaryDirectory();
  const path = (name: string): string => join(directory, name);
  const names = ['web', 'marked', 'plain', 'builder'];
  for (const name of names) mkdirSync(path(name));
  const jail = names.map((name, at) => ({ jid: `${at + 1}`, name, path: path(name), dying: false }));
  const mounted = ['web', 'marked'].map((name) => ({
    special: `zroot/jails/${name}`,
    node: path(name),
    fstype: 'zfs',
  }));
  const { run } = scripted({
    jls: { stdout: JSON.stringify({ 'jail-information': { jail } }) },
    mount: { stdout: JSON.stringify({ mount: { mounted } }) },
    'zfs list': { stdout: '' },
    'zfs get': {
      stdout: asLines(['jtx:backup'], {
        'zroot/jails/web': {},
        'zroot/jails/marked': { 'jtx:backup': ['off', 'local'] },
      }),
    },
  });
  const config = parseConfig('[backup.jails.builder]\nbackup = false', 'none');
  expect(await findExpected(run, { ...config, jailConf: path('jail.conf') }, [], [])).toEqual({
    jails: ['plain', 'web'],
    leftOut: ['builder', 'marked'],
  });
});
