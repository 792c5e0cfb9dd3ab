import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { complaint, Run } from '../host/run.ts';
import { withTemporaryDirectory } from '../host/temporary-directory.ts';
import { datasetName, poolOf } from './names.ts';

/**
 * Rolls datasets back to the snapshot of one name, all or none. It runs atomically against every other command:
 * that the snapshot is the newest, and no bookmark newer (17, EEXIST), is checked in the same step, so that nothing
 * foreign can come between; what a program has changed when it fails stays changed, so everything is checked before
 * anything is (zfs-program(8); docs/freebsd-facts.md, rolling back what is in use).
 */
const program = `
args = ...
argv = args["argv"]
target = argv[1]
found = {}
for i = 2, #argv do
  dataset = argv[i]
  wanted = dataset .. "@" .. target
  txg = 0
  newest = ""
  for snapshot in zfs.list.snapshots(dataset) do
    at = zfs.get_prop(snapshot, "createtxg")
    if at > txg then txg = at newest = snapshot end
  end
  if newest ~= wanted then return "newer: " .. newest end
  result = zfs.check.rollback(dataset)
  if result == 17 then return "newer: bookmark of " .. dataset end
  if result ~= 0 then return "refused: " .. dataset .. " " .. tostring(result) end
end
for i = 2, #argv do
  result = zfs.sync.rollback(argv[i])
  if result ~= 0 then return "failed: " .. argv[i] .. " " .. tostring(result) end
end
return "done"
`;

/** How a rollback of several datasets in one step went. */
export type Together =
  | { done: true }
  /** Something newer is in the way, and stays there. */
  | { done: false; refusal: string }
  /** It cannot be done in one step: this zfs(8) has no programs, or a dataset is mounted. */
  | { done: false; refusal: undefined };

/** Rolls datasets back together, where this zfs(8) can and none of them is mounted. */
export async function rollbackTogether(
  run: Run,
  datasets: readonly string[],
  snapshot: string,
): Promise<Together> {
  const [first] = datasets;
  if (first === undefined) return { done: true };
  return withTemporaryDirectory(async (directory) => {
    const file = join(directory, 'rollback.lua');
    writeFileSync(file, program, { mode: 0o600 });
    const command = [
      'zfs',
      'program',
      '-j',
      poolOf(first),
      file,
      snapshot,
      ...datasets.map(datasetName),
    ] as const;
    return parseTogether(await run(command, { changes: true }));
  });
}

function parseTogether(finished: Parameters<typeof complaint>[0]): Together {
  const said = finished.status === 0 ? /"return":\s*"([^"]*)"/.exec(finished.stdout)?.[1] : undefined;
  if (said === 'done') return { done: true };
  if (said?.startsWith('newer: '))
    return { done: false, refusal: `more recent ${said.slice('newer: '.length)} exists` };
  return { done: false, refusal: undefined };
}
