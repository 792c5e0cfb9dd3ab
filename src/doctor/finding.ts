/** Something that should be otherwise on a host, or in one of its jails. */
export interface Finding {
  /** The jail, or `host` or `journal`. */
  about: string;
  says: string;
  /** The command, or the words, that mend it. */
  mend: string | undefined;
}
