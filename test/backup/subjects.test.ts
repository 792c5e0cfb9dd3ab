import { expect, test } from 'vitest';
import { listTrees } from '../../src/backup/subjects.ts';
import { scripted } from '../host/scripted.ts';

const subject = (dataset: string): { dataset: string } => ({ dataset });
const web = 'zroot/jails/web\ttype\tfilesystem\t-\n';
const listing = /^zfs get -Hp -r .*? (zroot.*)$/;

test('no more is listed than what the jails have, and a jail within another once', async () => {
  const { run, calls } = scripted({ 'zfs get': { stdout: web } });
  const found = await listTrees(
    run,
    ['zroot/jails/web', 'zroot/jails/web/inner', 'zroot/jails/db'].map(subject),
  );
  expect([...found.keys()]).toEqual(['zroot/jails/web']);
  expect(calls.map((call) => listing.exec(call)?.[1])).toEqual(['zroot/jails/web zroot/jails/db']);
});

test('where one has gone the others are still listed', async () => {
  const gone = "cannot open 'zroot/jails/gone': dataset does not exist\n";
  const { run, calls } = scripted({ 'zfs get': [{ status: 1, stderr: gone }, { stdout: web }] });
  const found = await listTrees(run, ['zroot/jails/gone', 'zroot/jails/web'].map(subject));
  expect([...found.keys()]).toEqual(['zroot/jails/web']);
  expect(calls.map((call) => listing.exec(call)?.[1])).toEqual(['zroot/jails/gone zroot/jails/web', 'zroot']);
});

test('a pool that cannot be listed either is told', async () => {
  const { run } = scripted({ 'zfs get': { status: 1, stderr: 'the pool is suspended\n' } });
  await expect(listTrees(run, [subject('zroot/jails/web')])).rejects.toMatchObject({
    code: 'command-failed',
  });
});
