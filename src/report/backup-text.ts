import type { BackupEnding } from '../backup/back-up.ts';
import { size } from './size.ts';

/** What `jtx backup` prints at its end: what was sent, what failed, and in one line how it went. */
export function backupLines({ id, results }: BackupEnding): string[] {
  const [sent, unchanged, failed] = (['sent', 'unchanged', 'failed'] as const).map((state) =>
    results.filter((result) => result.state === state),
  );
  const lines = (sent ?? []).map(({ jail, target, bytes }) => `  ${jail} to ${target}: ${size(bytes)}`);
  const faults = (failed ?? []).flatMap(({ jail, target, message }) => {
    const [first = '', ...rest] = (message ?? '').split('\n');
    return [`  ${jail} to ${target} FAILED: ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  const counts = [
    `${sent?.length ?? 0} sent`,
    `${unchanged?.length ?? 0} unchanged`,
    ...(failed?.length ? [`${failed.length} FAILED`] : []),
  ];
  return [...lines, ...faults, `Backup ${id}: ${counts.join(', ')}.`];
}
