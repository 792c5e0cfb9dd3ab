import type { Random } from './model.ts';

/** Park and Miller's generator: the same seed, the same numbers. */
export function randomFrom(seed: number): Random {
  let state = (seed * 48_271) % 2_147_483_647;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * below);
  };
}
