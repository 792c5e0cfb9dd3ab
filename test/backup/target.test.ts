import { expect, it, test } from 'vitest';
import { parseAddress, targetName } from '../../src/backup/target.ts';
import { JtxError } from '../../src/error.ts';

test.each([
  ['tank/backups', { kind: 'dataset', dataset: 'tank/backups' }],
  ['tank', { kind: 'dataset', dataset: 'tank' }],
  ['/mnt/backups', { kind: 'directory', directory: '/mnt/backups' }],
  ['ssh://host/tank/b', { kind: 'ssh', host: 'host', port: undefined, dataset: 'tank/b' }],
  ['ssh://root@10.0.0.1:2222/tank', { kind: 'ssh', host: 'root@10.0.0.1', port: '2222', dataset: 'tank' }],
])('%s', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each([
  '',
  'tank/',
  '-tank',
  'tank/../x y',
  'tank@snapshot',
  'ssh://host',
  'ssh://-oProxyCommand=x/tank',
  'ssh://host/-x',
  'ssh://ho st/tank',
  'ssh://host;reboot/tank',
  'ssh://host:port/tank',
  'ssh://host/tank;reboot',
  'http://host/tank',
  'relative/../dir/ x',
])('%j is no place', (text) => {
  expect(() => parseAddress(text)).toThrow(JtxError);
});

it('a name is a word of its own', () => {
  expect(targetName('disk-2.a_B')).toBe('disk-2.a_B');
  for (const name of ['', '-x', '.x', 'a b', 'a/b', 'a@b', 'a#b', 'x'.repeat(65)])
    expect(() => targetName(name)).toThrow(JtxError);
});
