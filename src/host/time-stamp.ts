/**
 * The latest moment that a file's time stamp can mean, milliseconds since the epoch. What keeps whole seconds alone, as
 * zfs-fuse does, or FreeBSD with vfs.timestamp_precision=0 (vfs_timestamp(9)), says when the second began.
 */
export function latestOf(stamp: number): number {
  return stamp % 1000 === 0 ? stamp + 999 : stamp;
}
