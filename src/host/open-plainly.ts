import { constants, openSync } from 'node:fs';

/**
 * Opens a file of a jail to be read, by its name in the working directory; gives the descriptor, or undefined where it
 * cannot be. What has become a link meanwhile is not followed, and a FIFO is not waited for.
 */
export function openPlainly(name: string): number | undefined {
  try {
    return openSync(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
