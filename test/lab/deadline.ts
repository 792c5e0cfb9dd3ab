/**
 * Milliseconds that a test may take at most, for one that takes that many on a machine of its own: the guest with
 * OpenZFS says by how much it is slower.
 */
export function deadline(milliseconds: number): number {
  return milliseconds * Number(process.env['LAB_SLOWNESS'] ?? '1');
}
