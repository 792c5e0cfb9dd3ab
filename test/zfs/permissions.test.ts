import { expect, test } from 'vitest';
import { grant, listGrants, parseGrants } from '../../src/zfs/permissions.ts';
import { scripted } from '../host/scripted.ts';

/** The line over the grants on one dataset, as zfs(8) pads it to 70 characters. */
function title(dataset: string): string {
  return `---- Permissions on ${dataset} `.padEnd(70, '-');
}

const web = [
  title('zroot/web'),
  'Permission sets:',
  '\t@set create,hold',
  'Create time permissions:',
  '\tmount',
  'Local permissions:',
  '\tgroup daemon destroy',
  'Local+Descendent permissions:',
  '\tuser nobody @set,mount,snapshot',
  '\teveryone clone',
  '',
].join('\n');

const ofWeb = [
  ['-s', '@set', 'create,hold'],
  ['-c', 'mount'],
  ['-l', '-g', 'daemon', 'destroy'],
  ['-u', 'nobody', '@set,mount,snapshot'],
  ['-e', 'clone'],
];

test('what OpenZFS 2.4 prints', () => {
  expect(web.split('\n')[0]).toBe('---- Permissions on zroot/web ----------------------------------------');
  expect(parseGrants(web, 'zroot/web')).toEqual(ofWeb);
});

test('what is granted above is not taken', () => {
  const child = [title('zroot/web/data'), 'Descendent permissions:', '\tuser www rollback', ''].join('\n');
  const printed = child + web + [title('zroot'), 'Local permissions:', '\tuser root mount', ''].join('\n');
  expect(parseGrants(printed, 'zroot/web/data')).toEqual([['-d', '-u', 'www', 'rollback']]);
  expect(parseGrants(printed, 'zroot/web')).toEqual(ofWeb);
  expect(parseGrants(printed, 'zroot')).toEqual([['-l', '-u', 'root', 'mount']]);
  expect(parseGrants(printed, 'zroot/we')).toEqual([]);
  expect(parseGrants(web, 'zroot/web/data')).toEqual([]);
});

test.each([40, 47, 48, 49, 50, 120])('a name of %d characters is as good as a short one', (length) => {
  const name = 'zroot/jails/web.aside-'.padEnd(length, 'x');
  const printed = web.replace(title('zroot/web'), title(name));
  expect(parseGrants(printed, name)).toEqual(ofWeb);
  expect(parseGrants(`${web}${printed}`, 'zroot/web')).toEqual(ofWeb);
});

test.each(['', '\n', 'nonsense\n\tuser nobody mount\n', '\tuser nobody mount\n'])(
  '%j grants nothing',
  (text) => {
    expect(parseGrants(text, 'zroot/web')).toEqual([]);
  },
);

test('an old zfs(8) knows none, and another grants them again one by one', async () => {
  const old = scripted({ zfs: { status: 2, stderr: "unrecognized command 'allow'\n" } });
  expect(await listGrants(old.run, 'zroot/web')).toEqual([]);
  const { run, calls, options } = scripted({ 'zfs allow': [{ stdout: web }, {}] });
  await grant(run, 'zroot/web2', await listGrants(run, 'zroot/web'));
  expect(calls).toEqual([
    'zfs allow zroot/web',
    'zfs allow -s @set create,hold zroot/web2',
    'zfs allow -c mount zroot/web2',
    'zfs allow -l -g daemon destroy zroot/web2',
    'zfs allow -u nobody @set,mount,snapshot zroot/web2',
    'zfs allow -e clone zroot/web2',
  ]);
  expect(options.slice(1).every(({ changes }) => changes === true)).toBe(true);
  const denied = scripted({ zfs: { status: 1, stderr: 'permission denied\n' } });
  await expect(grant(denied.run, 'zroot/web2', [['-e', 'clone']])).rejects.toThrow('permission denied');
});
