import { type Run, succeeded } from '../host/run.ts';
import { asideMark, parseMark } from './aside.ts';
import { splitAside } from './names.ts';
import { listRows } from './rows.ts';

/** A tree that was set aside. ZFS alone knows of it: it is found without a journal too. */
export interface Aside {
  /** The transaction that set it aside. */
  transaction: string;
  /** The jail's dataset that it was. */
  dataset: string;
  /** Its name now. */
  name: string;
  /** Bytes that destroying it would free. */
  used: number;
  /** dataset@snapshot that the jail went back to. */
  origin: string | undefined;
  /** All its datasets, parents first. */
  members: { name: string; mountpoint: string; mounted: boolean }[];
}

/** Every tree that was set aside on this host, oldest first. Two processes, whatever their number. Throws `command-failed`. */
export async function listAsides(run: Run): Promise<Aside[]> {
  const rows = await listRows(run, { tops: [], types: ['filesystem'] }, ['mounted', 'mountpoint', asideMark]);
  const asides = new Map<string, Aside>();
  for (const [name = '', mounted, mountpoint = '', value = ''] of rows) {
    const split = splitAside(name);
    if (!split) continue;
    const { transaction, dataset, path } = split;
    const top = name.slice(0, name.length - path.length);
    if (path === '' && parseMark(value, name)?.sealed === true)
      asides.set(top, { transaction, dataset, name, used: 0, origin: undefined, members: [] });
    asides.get(top)?.members.push({ name, mountpoint, mounted: mounted === 'yes' });
  }
  await measure(run, asides);
  return [...asides.values()].sort((one, other) => (one.transaction < other.transaction ? -1 : 1));
}

/** One of another jail that was destroyed since it was listed is left out. */
async function measure(run: Run, asides: Map<string, Aside>): Promise<void> {
  if (asides.size === 0) return;
  const got = await run(['zfs', 'get', '-Hp', '-o', 'name,property,value', 'used,origin', ...asides.keys()]);
  const gone = got.stderr.matchAll(/cannot open '([^']+)': dataset does not exist/g);
  for (const [, name = ''] of gone) asides.delete(name);
  if (!/dataset does not exist/.test(got.stderr)) succeeded(got);
  for (const line of got.stdout.split('\n')) {
    const [name = '', property, value = ''] = line.split('\t');
    const aside = asides.get(name);
    if (aside && property === 'used') aside.used = Number(value);
    if (aside && property === 'origin' && value !== '-') aside.origin = value;
  }
}
