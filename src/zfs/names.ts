import { refused } from '../error.ts';

/** The hold's tag and the prefix of jtx's snapshots and user properties. */
export const mark = 'jtx';

/** What the id of a transaction or a backup looks like, a ULID, as a part of a pattern. */
export const idPattern = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

const wholeId = new RegExp(`^${idPattern}$`);

/** Whether a text is such an id. */
export function isId(text: string): boolean {
  return wholeId.test(text);
}

/** The name that a transaction's snapshots have after the `@`. */
export function snapshotName(transaction: string): string {
  return `${mark}-${transaction}`;
}

const ownSnapshot = new RegExp(`(?:^|@)${mark}-(${idPattern})$`);

/** The transaction whose snapshot a name, with its dataset or without, would be: a snapshot just before its change. */
export function transactionOfSnapshot(name: string): string | undefined {
  return ownSnapshot.exec(name)?.[1];
}

/** Where a tree goes that a transaction sets aside: a name beside the jail's own. */
export function asideName(dataset: string, transaction: string): string {
  return `${dataset}.aside-${transaction}`;
}

/** The clone of a jail's tree on which a transaction is rehearsed; where it failed, it can be kept like what is set aside. */
export function rehearsalName(dataset: string, transaction: string): string {
  return `${dataset}.rehearsal-${transaction}`;
}

const besides = new RegExp(`^(.+)\\.(?:aside|rehearsal)-(${idPattern})((?:/.*)?)$`);

/** The jail's dataset, the transaction and the rest of a name that one of the two above made. */
export function splitAside(name: string): { dataset: string; transaction: string; path: string } | undefined {
  const match = besides.exec(name);
  const [, dataset, transaction, path] = match ?? [];
  return dataset === undefined || transaction === undefined
    ? undefined
    : { dataset, transaction, path: path ?? '' };
}

/** The dataset that `dataset@snapshot` is of. */
export function datasetOfSnapshot(snapshot: string): string {
  return splitSnapshot(snapshot).dataset;
}

/** The dataset of `dataset@snapshot`, and its snapshot. */
export function splitSnapshot(name: string): { dataset: string; snapshot: string } {
  const at = name.indexOf('@');
  return { dataset: name.slice(0, at), snapshot: name.slice(at + 1) };
}

/** The pool of a dataset. */
export function poolOf(dataset: string): string {
  return dataset.split('/')[0] ?? dataset;
}

/** The dataset above one; a pool's own is above itself. */
export function parentOf(dataset: string): string {
  return dataset.slice(0, dataset.lastIndexOf('/')) || dataset;
}

/** Whether a dataset is another or below it; directories are told apart in the same way. */
export function isWithin(name: string, top: string): boolean {
  return name === top || name.startsWith(`${top}/`);
}

/** Those of some datasets that lie in none of the others, each once. */
export function outermost(datasets: readonly string[]): string[] {
  return [...new Set(datasets)].filter((name) => !datasets.some((other) => name.startsWith(`${other}/`)));
}

/** Passes a dataset's name on that zfs(8) would accept; anything else throws `dataset-name`. */
export function datasetName(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9_.:-]*(\/[A-Za-z0-9_.: -]+)*$/.test(name)) return name;
  throw refused('dataset-name', `${JSON.stringify(name)} is no name of a dataset`);
}
