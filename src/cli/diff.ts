import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { Journal } from '../journal/journal.ts';
import { differencesJson, differencesText } from '../report/differences-text.ts';
import { envelope } from '../report/json.ts';
import { differencesOf } from '../transaction/differences.ts';
import { print } from './reading.ts';

/** `jtx diff`: which packages and files a transaction changed. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('show which packages and files a transaction changed')
    .argument('<transaction>', 'its id, or a unique beginning of at least 4 characters')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const journal = Journal.openForReading(loadConfig(process.env).journal);
      try {
        const differences = await differencesOf(journal, id);
        print(json === true ? envelope('diff', differencesJson(differences)) : differencesText(differences));
      } finally {
        journal?.close();
      }
    });
}
