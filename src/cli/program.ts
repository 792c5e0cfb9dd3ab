/** Runs the command line; gives the exit status. */
export async function main(_argv: readonly string[]): Promise<number> {
  return 2;
}
