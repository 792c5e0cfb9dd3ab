/** Something about a file of a package because of which it cannot run in its jail. */
export interface Finding {
  path: string;
  package: string;
  /** In words, without the file's name. */
  fault: string;
  /** The library that is missing or unfit, where it is about one. */
  library?: string;
}

/** What the static tier saw. */
export interface Findings {
  /** How many programs, libraries and scripts were looked at. */
  files: number;
  /** What keeps the software from running. */
  faults: Finding[];
  /** What is strange, but not the software's own way to run. */
  notes: Finding[];
}
