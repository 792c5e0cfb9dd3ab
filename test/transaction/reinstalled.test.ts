import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JailUnderTest, jailUnderTest } from '../lab/jail-under-test.ts';
import { type Lab, openLab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';

const own = ownPackage('own', { files: { '/usr/local/bin/own': '#!/bin/sh\n' } });
/** Another build of the same version, which pkg puts in the place of the first. */
const rebuilt = {
  ...own,
  vital: true,
  scripts: { 'post-install': 'chmod 755 /usr/local/bin/own' },
};

describe('another build of the version that is there', () => {
  let lab: Lab;
  let jail: JailUnderTest;
  beforeAll(async () => {
    lab = await openLab();
    jail = await jailUnderTest(lab, 'web');
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    await jail.reset();
    await addRepository(lab, jail, [own]);
    expect((await jail.pkg('install', '-y', 'own')).status).toBe(0);
    await lab.must('rm -R "$1/repository"', jail.root);
  });

  it('is rolled back where its files cannot run, though no version changes', async () => {
    await addRepository(lab, jail, [
      { ...rebuilt, files: { '/usr/local/bin/own': '#!/usr/local/bin/nothing\n' } },
    ]);
    const ended = await jail.jtx('upgrade', 'own');
    expect([ended.status, ended.state, ended.code], ended.stdout).toEqual([
      4,
      'rolled-back',
      'verification-failed',
    ]);
  });

  it('is verified by every tier that a new version is', async () => {
    await addRepository(lab, jail, [rebuilt]);
    await lab.must(
      `echo '[[probe]]\norigin = "test/own"\ncommand = "/usr/local/bin/own"' >> "$LAB/jtx.toml"`,
    );
    const ended = await jail.jtx('upgrade', 'own');
    expect([ended.status, ended.state], ended.stdout).toEqual([0, 'committed']);
    const { changes, verifications } = JSON.parse(ended.stdout).transaction;
    expect(changes).toEqual([]);
    expect(verifications).toMatchObject([
      { tier: 'check', passed: true },
      { tier: 'static', passed: true },
      { tier: 'probe', passed: true },
    ]);
  });
});
