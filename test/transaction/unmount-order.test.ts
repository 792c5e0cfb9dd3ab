import { describe, expect, it, test } from 'vitest';
import type { Mount } from '../../src/host/mounts.ts';
import { exchangeTrees } from '../../src/transaction/exchange.ts';
import { silent } from '../../src/transaction/progress.ts';
import { mountsOf, mountsOfAll } from '../../src/transaction/unmount-order.ts';
import { scripted } from '../host/scripted.ts';
import { asOwn, asRows } from '../zfs/printed.ts';

const web = 'zroot/nowhere/web';
const root = '/nowhere/web';
const own = new Set([web, `${web}/data`]);

function mounted(fstype: string, at: string, special = fstype): Mount {
  return { special, node: at.startsWith('/') ? at : root + (at && `/${at}`), fstype };
}
const top = mounted('zfs', '', web);
const data = mounted('zfs', 'data', `${web}/data`);
const dev = mounted('devfs', 'dev');
const fd = mounted('fdescfs', 'dev/fd');
const proc = mounted('procfs', 'proc');

test.each<[what: string, mounts: Mount[], order: Mount[]]>([
  ['what lies in another goes before it', [top, data], [data, top]],
  ['and so does what was mounted upon it', [data, top], [top, data]],
  [
    'what is none of them stays',
    [mounted('devfs', '/dev'), top, dev, mounted('zfs', '/x', 'zroot/x')],
    [top],
  ],
])('%s', (_what, mounts, order) => {
  expect(mountsOf(own, mounts)).toEqual(order);
});

test.each<[what: string, mounts: Mount[], order: Mount[]]>([
  ['the devfs of a jail', [mounted('devfs', '/dev'), top, dev, data], [data, dev, top]],
  ['that with the fdescfs in it', [top, dev, fd], [fd, dev, top]],
  [
    'a procfs in a child',
    [top, data, mounted('procfs', 'data/proc')],
    [mounted('procfs', 'data/proc'), data, top],
  ],
  ['each as often as it is there', [top, dev, dev], [dev, dev, top]],
  [
    'a base that jtx has mounted',
    [top, mounted('nullfs', 'bin', '/bin')],
    [mounted('nullfs', 'bin', '/bin'), top],
  ],
  ['nothing of others', [top, mounted('tmpfs', 'tmp'), mounted('linprocfs', 'proc')], [top]],
  ['nothing of another jail', [top, mounted('devfs', '/nowhere/web2/dev')], [top]],
  ['nothing that lies hidden below', [dev, proc, top], [top]],
])('before what is set aside goes: %s', (_what, mounts, order) => {
  expect(mountsOfAll(own, [`${root}/bin`], mounts)).toEqual(order);
});

describe('a tree that is set aside', () => {
  const aside = `${web}.aside-01K7A0000000000000000000A2`;
  const listed = (name: string, mountpoint: string): string[] => [
    name,
    ...['filesystem', '-', 'yes', 'on', 'none', 'none', 'none', 'none', mountpoint],
  ];
  const busy = 'umount: unmount of it failed: Device busy\n';
  const setAside = async (place: string, answers: Parameters<typeof scripted>[0], mounts: Mount[]) => {
    const { run, calls } = scripted({
      zfs: {},
      mount: { stdout: JSON.stringify({ mount: { mounted: mounts } }) },
      'zfs list -H -r -t filesystem,volume': {
        stdout: asRows([listed(web, place), listed(`${web}/data`, '/data')]),
      },
      'zfs get -Hp -o name,property,source,value all': { stdout: asOwn({ [web]: {}, [`${web}/data`]: {} }) },
      'zfs list -H -r -t snapshot': { stdout: `${web}@s` },
      umount: {},
      ...answers,
    });
    const exchange = { dataset: web, aside, incoming: { snapshot: 's', tree: aside }, members: [] };
    const failure: unknown = await exchangeTrees(run, exchange, { root, mounted: [], progress: silent }).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { failure, unmounted: calls.filter((call) => call.startsWith('umount ')), calls };
  };

  it('is unmounted by where its datasets are, wherever a jail says that they are', async () => {
    const { failure, unmounted } = await setAside(root, {}, [top, data]);
    expect([failure, unmounted]).toEqual([undefined, [`umount ${data.node}`, `umount ${root}`]]);
  });

  it('is left as it is where what a jail has left in it is in use', async () => {
    const held = { [`umount ${root}/dev`]: { status: 1, stderr: busy } };
    // Something lies upon it, so that nothing is waited for.
    const late = mounted('tmpfs', 'dev/shm');
    const { failure, calls } = await setAside(root, held, [top, data, dev, late]);
    expect(failure).toMatchObject({
      code: 'root-busy',
      outcome: 'refused',
      hint: `fuser -c ${root}/dev shows by whom.`,
    });
    expect(calls.filter((call) => /^zfs (?!list|get)/.test(call))).toEqual([]);
  });

  it('what was unmounted before is mounted again then', async () => {
    const held = { [`umount ${root}`]: { status: 1, stderr: busy }, [`umount ${data.node}`]: {} };
    const { failure, calls } = await setAside(root, held, [top, data, mounted('tmpfs', 'tmp')]);
    expect(failure).toMatchObject({ code: 'root-busy' });
    expect(calls.filter((call) => /^zfs (?!list|get)/.test(call))).toEqual([`zfs mount ${web}/data`]);
  });

  it('is not where fstab(5) mounts it, and would not mount what takes its place', async () => {
    const { failure, unmounted } = await setAside('legacy', {}, [top, data]);
    expect(failure).toMatchObject({ code: 'root-busy' });
    expect(unmounted).toEqual([]);
  });
});
