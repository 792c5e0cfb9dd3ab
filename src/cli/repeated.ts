/** Gathers the values of an option that may be given again, for Commander. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
