/**
 * How much of a listing of snapshots or of properties is kept: a host with a hundred thousand of them prints a hundred
 * million characters, and what is cut off cannot be judged.
 */
export const wholeListing = { atMost: 400 * 1024 * 1024 } as const;
