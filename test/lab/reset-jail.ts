import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './open-lab.ts';

/** A dataset or a snapshot of the lab's jails. */
interface Listed {
  name: string;
  mounted: boolean;
  readonly: boolean;
  limited: boolean;
  held: boolean;
}

const columns = 'name,mounted,readonly,quota,userrefs';

/**
 * Takes a jail back to its snapshots `base`, and forgets the journal. What there is to do is read from one listing: in a
 * guest each run of zfs takes its time.
 */
export async function resetJail(lab: Lab, name: string, dataset: string): Promise<void> {
  await lab.must(
    `jls -n name 2>/dev/null | grep -q "name=$1\\b" && service jail onestop "$1" >/dev/null
     cp "$LAB/jtx.toml.base" "$LAB/jtx.toml" && rm -rf "$LAB/journal" "$LAB"/http-*`,
    name,
  );
  const listed = await list(lab);
  const own = listed.filter((one) => new RegExp(`^${dataset}(?=[/@]|$)`).test(one.name));
  const members = own.filter((one) => !one.name.includes('@'));
  const inwards = members.toReversed();
  for (const one of members) {
    if (one.name === dataset && one.readonly) await zfs(lab, 'set', 'readonly=off', dataset);
    if (one.name === dataset && one.limited) await zfs(lab, 'set', 'quota=none', dataset);
  }
  for (const one of own)
    if (one.held && one.name.includes('@jtx-')) await zfs(lab, 'release', 'jtx', one.name);
  // A rollback of a mounted file system of zfs-fuse can show what the kernel remembers: mounted anew it cannot.
  for (const one of inwards) if (one.mounted) await zfs(lab, 'unmount', one.name);
  await destroyAsides(lab, dataset, listed);
  const hasBase = (one: Listed): boolean => own.some((other) => other.name === `${one.name}@base`);
  // A child that a test has made.
  for (const one of inwards) if (!hasBase(one)) await again(lab, 'destroy', '-r', one.name);
  for (const one of members.filter(hasBase)) {
    await again(lab, 'rollback', '-r', `${one.name}@base`);
    await again(lab, 'mount', one.name);
  }
}

async function list(lab: Lab): Promise<Listed[]> {
  const types = ['-t', 'filesystem,volume,snapshot'];
  const jails = `${lab.environment['LAB_POOL']}/jails`;
  const said = await lab.run(['zfs', 'list', '-H', '-r', ...types, '-o', columns, jails]);
  return said.stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([name = '', mounted, readonly, quota, userrefs]) => ({
      name,
      mounted: mounted === 'yes',
      readonly: readonly === 'on',
      limited: quota !== 'none',
      held: userrefs !== '0',
    }));
}

/** One can be the origin of another. */
async function destroyAsides(lab: Lab, dataset: string, listed: readonly Listed[]): Promise<void> {
  const prefixes = [`${dataset}.aside-`, `${dataset}.rehearsal-`];
  let found = listed;
  for (let round = 0; round < 5; round += 1) {
    const asides = found.filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
    const tops = asides.filter(({ name }) => !/[/@]/.test(name.slice(dataset.length)));
    if (tops.length === 0) return;
    for (const { name } of tops) await zfs(lab, 'destroy', '-r', name);
    found = await list(lab);
  }
}

/** What there may be no need for. */
async function zfs(lab: Lab, ...args: string[]): Promise<boolean> {
  return (await lab.run(['zfs', ...args])).status === 0;
}

/** zfs-fuse lets go of what was unmounted a moment later. */
async function again(lab: Lab, ...args: string[]): Promise<void> {
  for (let tried = 0; tried < 60; tried += 1) {
    if (await zfs(lab, ...args)) return;
    await sleep(50);
  }
  await lab.must('zfs "$@"', ...args);
}
