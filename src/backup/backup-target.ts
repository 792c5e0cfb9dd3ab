import type { Command } from '../host/run.ts';
import type { Stored } from '../zfs/inventory.ts';
import type { SendProgress } from '../zfs/send.ts';
import type { Copy, CopyPoint, Description } from './copy.ts';

/** One dataset's snapshot that is to get to a target. */
export interface SendRequest {
  source: Stored;
  snapshot: string;
  /** The backup that is made: the name of what has to go aside is made of it. */
  backup: string;
  /** The copy's name on the target. */
  name: string;
  description: Description;
  abort?: AbortSignal;
  /** Milliseconds for which a stream may stand still. */
  silence: number;
  onProgress?: (progress: SendProgress) => void;
  /** It waits for something, and why. */
  onWait?: (why: string) => void;
}

/** A place that keeps backups. */
export interface BackupTarget {
  readonly name: string;
  /** Everything that it has. One process. Throws `target-missing`, `target-unreachable`. */
  list(): Promise<Copy[]>;
  /**
   * Brings a dataset's snapshot there; gives the bytes sent. Whole or not at all: what throws has left no backup that
   * looks complete. Throws `target-blocked`, `target-taken`, `target-busy`, `target-stalled`, `send-failed`.
   */
  send(request: SendRequest): Promise<{ bytes: number }>;
  /** Writes down what a copy is, where that has changed. */
  describe(name: string, description: Description, known: Copy | undefined): Promise<void>;
  /** The streams that make a dataset of a copy at one of its points, in order. Throws `backup-broken`. */
  streams(copy: Copy, point: CopyPoint): Promise<Stream[]>;
  /**
   * Destroys some of a copy's points, none of which may be needed, and what a crash has left of others that were
   * destroyed. At no moment is one of them there whose base is not. Gives those that had to stay, and why.
   */
  destroy(copy: Copy, points: readonly CopyPoint[]): Promise<Refusal[]>;
  /** Destroys a copy that has no points. Throws `command-failed` where there is something in it all the same. */
  drop(copy: Copy): Promise<void>;
}

/** A point that was to be destroyed, and could not be. */
export interface Refusal {
  point: CopyPoint;
  why: string;
}

/** A stream for zfs-receive(8). */
export interface Stream {
  /** The commands that write it. */
  commands: readonly [Command, ...Command[]];
  /** The snapshot that it brings. */
  snapshot: string;
  /** A file that the first of them reads. */
  file?: string;
}
