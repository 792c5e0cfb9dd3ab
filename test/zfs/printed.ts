/** A value, or one with the source that zfs(8) tells of it. */
type Told = string | readonly [value: string, source: string];

/** What is told of datasets, snapshots and bookmarks, by their names. */
export type Table = Readonly<Record<string, Readonly<Record<string, Told>>>>;

/** What `zfs list -H` prints of rows with a name first, asked for it as src/zfs/rows.ts does. */
export function asRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${[...row, row[0]].join('\t')}\n`).join('');
}

/** What `zfs get -Hp` prints, asked for these properties as src/zfs/lines.ts does; `-` for those of which nothing is told. */
export function asLines(properties: readonly string[], table: Table): string {
  return Object.entries(table)
    .flatMap(([name, told]) => [
      line(name, 'type', told['type'] ?? typeOf(name)),
      ...properties.map((property) => line(name, property, told[property] ?? '-')),
      line(name, 'type', told['type'] ?? typeOf(name)),
    ])
    .join('');
}

/** What `zfs get -Hp all` prints of datasets that have this of their own, and some that is not. */
export function asOwn(table: Table): string {
  return Object.entries(table)
    .flatMap(([name, told]) => [
      line(name, 'type', 'filesystem'),
      line(name, 'readonly', ['off', 'default']),
      ...Object.entries(told).map(([property, value]) =>
        line(name, property, typeof value === 'string' ? [value, 'local'] : value),
      ),
    ])
    .join('');
}

/** Lines of a recording of `-o name,property,value,source` in the order of columns in which jtx asks for them. */
export function valueLast(recording: string): string[] {
  return recording
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => {
      const [name, property, ...rest] = text.split('\t');
      return [name, property, rest.at(-1), ...rest.slice(0, -1)].join('\t');
    });
}

/** One line of `zfs get`. */
export function line(name: string, property: string, told: Told): string {
  const [value, source] = typeof told === 'string' ? [told, '-'] : told;
  return `${name}\t${property}\t${source}\t${value}\n`;
}

/** What a name is of. */
export function typeOf(name: string): string {
  if (name.includes('@')) return 'snapshot';
  return name.includes('#') ? 'bookmark' : 'filesystem';
}
