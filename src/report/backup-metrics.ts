import { type Finding, levels } from '../backup/judge.ts';
import type { BackupStatus } from './backup-status.ts';

/** One metric of every jail on every target: its values, by further labels. */
interface Metric {
  name: string;
  help: string;
  values: (finding: Finding) => readonly { labels?: Readonly<Record<string, string>>; value: number }[];
}

const results = ['sent', 'unchanged', 'failed', 'never'] as const;

const metrics: readonly Metric[] = [
  {
    name: 'jtx_backup_last_success_timestamp_seconds',
    help: 'Of what time the state is that the target has of the jail, as far as is known; 0 for never.',
    values: ({ standing }) => [{ value: seconds(standing?.good) }],
  },
  {
    name: 'jtx_backup_last_attempt_timestamp_seconds',
    help: 'When the jail was last backed up to the target, or that failed; 0 for never.',
    values: ({ standing }) => [{ value: seconds(standing?.last.at) }],
  },
  {
    name: 'jtx_backup_last_result',
    help: 'What became of it: 1 for the result that it had, 0 for the others.',
    values: ({ standing }) =>
      results.map((result) => ({
        labels: { result },
        value: Number(result === (standing?.last.state ?? 'never')),
      })),
  },
  {
    name: 'jtx_backup_failed',
    help: 'Whether the last attempt failed.',
    values: ({ standing }) => [{ value: Number(standing?.last.state === 'failed') }],
  },
  {
    name: 'jtx_backup_last_proof_timestamp_seconds',
    help: 'When a restore last proved the backup; 0 where none did, or the last one failed.',
    values: ({ standing }) => [
      { value: standing?.check?.state === 'proved' ? seconds(standing.check.at) : 0 },
    ],
  },
  {
    name: 'jtx_backup_proof_failed',
    help: 'Whether the last restore that was to prove the backup failed.',
    values: ({ standing }) => [{ value: Number(standing?.check?.state === 'failed') }],
  },
  {
    name: 'jtx_backup_state',
    help: 'As jtx backup --status judges it: 0 ok, 1 warning, 2 critical.',
    values: ({ level }) => [{ value: levels.indexOf(level) }],
  },
];

const looked = 'jtx_backup_status_timestamp_seconds';

/** A text for the textfile collector of Prometheus; it ends with a newline, as that wants. */
export function backupMetrics({ findings, at }: BackupStatus): string {
  const lines = metrics.flatMap(({ name, help, values }) => [
    ...heading(name, help),
    ...findings.flatMap((finding) =>
      values(finding).map(({ labels, value }) => {
        const { jail, target } = finding;
        return `${name}${printLabels({ jail, target, ...labels })} ${value}`;
      }),
    ),
  ]);
  return [...lines, ...heading(looked, 'When this was found out.'), `${looked} ${seconds(at)}`, ''].join(
    '\n',
  );
}

function heading(name: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  const printed = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${printed.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function seconds(at: number | null | undefined): number {
  return at == null ? 0 : at / 1000;
}
