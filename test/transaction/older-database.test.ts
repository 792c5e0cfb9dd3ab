import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { expectNothingLeft } from './rows.ts';

// user_version, four bytes from the 60th on: schema 39 is of pkg 2.7.
const database = '/var/db/pkg/local.sqlite';
const older = `printf '\\0\\0\\0\\047' | dd of="$1" bs=1 seek=60 conv=notrunc 2>/dev/null`;
const schema = 'od -An -tu1 -j60 -N4 "$1" | tr -s " "';

describe('a jail whose package database the pkg of the host would migrate', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    expect((await jail.pkg('install', '-y', 'tiny')).status).toBe(0);
    await lab.must(older, jail.root + database);
  });

  const schemaNow = async (): Promise<string> => (await lab.must(schema, jail.root + database)).trim();

  it.each<[string, string[]]>([
    ['install', ['hello']],
    ['install', ['hello', '--plan']],
    ['upgrade', []],
    ['remove', ['tiny']],
    ['autoremove', []],
  ])('%s %j is refused, and changes nothing', async (verb, args) => {
    const before = await jail.manifest();
    const refused = await jail.jtx(verb, ...args);
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'package-database-older']);
    const { message, hint } = JSON.parse(refused.stdout).error;
    expect(message).toMatch(/has schema 39, and this host's pkg 2\.8\.99 would migrate it to 42/);
    expect(hint).toMatch(/^With --migrate-database/);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it('its own pkg is named as the way out where it has one', async () => {
    await lab.must('mkdir -p "$1/usr/local/sbin"; echo pkg > "$1/usr/local/sbin/pkg"', jail.root);
    const { hint } = JSON.parse((await jail.jtx('install', 'hello')).stdout).error;
    expect(hint).toMatch(/jtx run web -- pkg/);
  });

  it('doctor finds it', async () => {
    const { status, stdout } = await lab.run(['jtx', 'doctor', '--json']);
    expect([status, JSON.parse(stdout).findings]).toMatchObject([
      5,
      [{ about: 'web', says: expect.stringContaining('schema 39') }],
    ]);
  });

  it('is migrated where that is asked for, and a rollback brings the older one back', async () => {
    const before = await jail.manifest();
    const done = await jail.jtx('install', 'hello', '--migrate-database');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await schemaNow()).toBe('0 0 0 42');
    expect((await jail.jtx('rollback', '--discard')).status).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('a command inside it is no business of the pkg of the host, which then checks nothing', async () => {
    // What an older pkg inside the jail would write, made by the other and kept for then.
    await lab.must('cp "$1$2" "$1/root/before"', jail.root, database);
    expect((await jail.pkg('install', '-y', 'libfoo')).status).toBe(0);
    await lab.must('cp "$1$2" "$1/root/after"; cp "$1/root/before" "$1$2"', jail.root, database);
    await lab.must(older, `${jail.root}/root/after`);
    const done = await jail.jtx('run', '--', 'cp', '/root/after', database);
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    const { leftOut, notes, changes } = JSON.parse(done.stdout).transaction;
    expect(changes).toMatchObject([{ name: 'libfoo', to: '1.0' }]);
    expect(leftOut).toEqual([{ part: 'check', why: expect.stringContaining('schema 42') }]);
    expect(notes).toEqual([expect.stringMatching(/^check: not possible/)]);
    expect(await lab.must('jtx show "$1"', done.id ?? '')).toMatch(/check: not possible/);
    expect(await lab.must('jtx show "$1"', done.id ?? '')).not.toContain('check -dnq');
    expect(await schemaNow()).toBe('0 0 0 39');
  });

  it('can be verified as it is: that is done on a clone', async () => {
    const before = await jail.manifest();
    const done = await jail.jtx('verify');
    expect([done.status, done.state], done.stdout).toEqual([0, 'unchanged']);
    expect(JSON.parse(done.stdout).transaction.verifications).toMatchObject([
      { tier: 'check', passed: true },
    ]);
    expect(await jail.manifest()).toBe(before);
  });

  it('a pkg of which nothing is known is caught as it does so', async () => {
    await lab.must(
      `printf '#!/bin/sh\\n[ "$1" = -v ] && { echo 1.1.0; exit; }\\nexec "%s" "$@"\\n' "$LAB/bin/pkg" > "$LAB/bin/strange-pkg"
       chmod 755 "$LAB/bin/strange-pkg"; echo "pkg = \\"$LAB/bin/strange-pkg\\"" >> "$LAB/jtx.toml"`,
    );
    const before = await jail.manifest();
    const refused = await jail.jtx('install', 'hello');
    expect([refused.status, refused.state, refused.code], refused.stdout).toEqual([
      3,
      'refused',
      'package-database-older',
    ]);
    expect(await jail.manifest()).toBe(before);
  });
});
