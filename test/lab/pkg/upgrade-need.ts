import type { Candidate } from './jobs.ts';
import type { LocalPackage } from './manifest.ts';
import { byteOrder } from './text.ts';
import { compareVersions } from './version.ts';

/** Whether a catalogue's package should replace the installed one, with the reason where versions are equal. */
export function neededUpgrade(
  remote: Candidate,
  local: LocalPackage,
  force: boolean,
  systemLibraries: (name: string) => boolean = () => false,
): Candidate | undefined {
  const order = compareVersions(local.version, remote.version);
  if (order < 0) return remote;
  if (order > 0) return force ? remote : undefined;
  const reason = changed(remote, local, systemLibraries);
  if (reason !== undefined) return { ...remote, reason };
  return force ? remote : undefined;
}

function changed(
  remote: Candidate,
  local: LocalPackage,
  systemLibraries: (name: string) => boolean,
): string | undefined {
  if (remote.abi !== local.abi) return `ABI changed: '${local.abi}' -> '${remote.abi}'`;
  if (remote.vital !== local.vital) return `Vital flag changed: '${local.vital}' -> '${remote.vital}'`;
  const option = difference(Object.keys(local.options), Object.keys(remote.options));
  if (option !== undefined) return `option changed: ${option}`;
  const names = (pkg: { deps: { name: string }[] }): string[] => pkg.deps.map((dep) => dep.name);
  const dependency = difference(names(local), names(remote));
  if (dependency !== undefined) return `direct dependency changed: ${dependency}`;
  const provided = difference(local.shlibsProvided, remote.shlibsProvided);
  if (provided !== undefined) return `provided shared library changed: ${provided}`;
  const own = (libraries: string[]): string[] => libraries.filter((name) => !systemLibraries(name));
  const required = difference(own(local.shlibsRequired), own(remote.shlibsRequired));
  return required === undefined ? undefined : `required shared library changed: ${required}`;
}

function difference(before: readonly string[], after: readonly string[]): string | undefined {
  const found = [
    ...before.filter((name) => !after.includes(name)).map((name) => `${name} (removed)`),
    ...after.filter((name) => !before.includes(name)).map((name) => `${name} (added)`),
  ].sort(byteOrder);
  return found.length === 0 ? undefined : found.join(', ');
}
