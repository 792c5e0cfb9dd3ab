import type { JtxError } from '../error.ts';
import type { BackupResult } from '../journal/backups.ts';
import type { Context } from '../transaction/context.ts';

/** The results of one backup, each in the journal as soon as it is known. */
export class Night {
  readonly id: string;
  readonly results: BackupResult[] = [];
  private readonly context: Context;
  private readonly targets: readonly string[];

  constructor(context: Context, id: string, targets: readonly string[]) {
    this.context = context;
    this.id = id;
    this.targets = targets;
  }

  sent(jail: string, target: string, point: string, bytes: number): void {
    this.record({ jail, target, state: 'sent', point, bytes, message: null, at: Date.now() });
  }

  unchanged(jail: string, target: string, point: string | null): void {
    this.record({ jail, target, state: 'unchanged', point, bytes: 0, message: null, at: Date.now() });
  }

  fail(jail: string, target: string, { message, hint }: JtxError): void {
    const text = hint === undefined ? message : `${message}\n${hint}`;
    this.context.progress.note(`${jail} to ${target}: ${message}`);
    this.record({ jail, target, state: 'failed', point: null, bytes: 0, message: text, at: Date.now() });
  }

  failEverywhere(jail: string, error: JtxError): void {
    for (const target of this.targets)
      if (!this.results.some((known) => known.jail === jail && known.target === target))
        this.fail(jail, target, error);
  }

  private record(result: BackupResult): void {
    this.results.push(result);
    this.context.journal.backups.record(this.id, result);
  }
}
