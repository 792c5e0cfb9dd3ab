import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stillMounted, unmountOwn } from '../../src/transaction/own-mounts.ts';
import { scripted } from '../host/scripted.ts';

// Who sleeps has slept at once.
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds),
}));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const root = '/jails/web';
const dev = `${root}/dev`;
const usr = `${root}/usr`;

describe('what the commands of a transaction have left mounted', () => {
  const mount = (node: string, status: number | null = 0) => ({
    command: ['mount', '-t', 'x', node],
    status,
  });
  const umount = (node: string, status: number | null = 0) => ({ command: ['umount', node], status });
  test.each([
    ['nothing of none', [], []],
    ['what was mounted', [mount(usr), mount(dev)], [usr, dev]],
    ['not what could not be', [mount(dev, 1)], []],
    ['what was being mounted', [mount(dev, null)], [dev]],
    ['not what was unmounted', [mount(usr), mount(dev), umount(dev)], [usr]],
    [
      'what was busy, or was being unmounted',
      [mount(usr), mount(dev), umount(dev, 1), umount(usr, null)],
      [usr, dev],
    ],
    ['one of two', [mount(dev), mount(dev), umount(dev)], [dev]],
    [
      'nothing of zfs(8), nor of what lies elsewhere',
      [mount('/jails/other/dev'), { command: ['zfs', 'mount', dev], status: 0 }],
      [],
    ],
  ])('%s', (_what, commands, left) => {
    expect(stillMounted(commands, root)).toEqual(left);
  });
});

describe('unmounting it', () => {
  const table = (...nodes: string[]) => ({
    stdout: JSON.stringify({
      mount: {
        mounted: [
          { special: 'zroot/jails/web', node: root, fstype: 'zfs' },
          ...nodes.map((node) => ({ special: 'x', node, fstype: 'devfs' })),
        ],
      },
    }),
  });
  const jails = (...paths: string[]) => ({
    stdout: JSON.stringify({
      'jail-information': { jail: paths.map((path) => ({ jid: '1', name: 'web', path, dying: false })) },
    }),
  });
  const device = { status: 1, stderr: 'umount: x: Device busy\n' };

  test('nothing is asked for where there is nothing', async () => {
    const { run, calls } = scripted({});
    await unmountOwn(run, root, []);
    expect(calls).toEqual([]);
  });

  test('goes by the mount table, the last first, and leaves what is not there', async () => {
    const { run, calls } = scripted({ 'mount --libxo': table(usr, dev, dev), jls: jails(), umount: {} });
    await unmountOwn(run, root, [dev, usr, `${root}/proc`]);
    expect(calls.filter((call) => call.startsWith('umount'))).toEqual([
      `umount ${dev}`,
      `umount ${dev}`,
      `umount ${usr}`,
    ]);
  });

  test('what is in use is tried again, once the processes that are rooted there are asked to end', async () => {
    const { run, calls } = scripted({
      'mount --libxo': [table(dev), table(dev)],
      jls: jails(),
      umount: [device, {}],
      fuser: { status: 1 },
    });
    await unmountOwn(run, root, [dev]);
    expect(calls.filter((call) => /^(umount|fuser)/.test(call))).toEqual([
      `umount ${dev}`,
      `fuser -c ${root}`,
      `umount ${dev}`,
    ]);
  });

  test('what stays in use is told, after some seconds', async () => {
    const { run } = scripted({
      'mount --libxo': table(dev),
      jls: jails(),
      umount: device,
      fuser: { status: 1 },
    });
    await expect(unmountOwn(run, root, [dev])).rejects.toMatchObject({
      code: 'mount-busy',
      message: expect.stringContaining('Device busy'),
    });
  });

  test('of a jail that runs by now nothing is touched: what is there is its own, and what lies below is told', async () => {
    const alone = scripted({ 'mount --libxo': table(dev), jls: jails(root) });
    await unmountOwn(alone.run, root, [dev]);
    const both = scripted({ 'mount --libxo': table(dev, dev), jls: jails(root) });
    await expect(unmountOwn(both.run, root, [dev])).rejects.toMatchObject({ code: 'mount-busy' });
    expect([...alone.calls, ...both.calls].filter((call) => /^(umount|fuser)/.test(call))).toEqual([]);
  });
});
