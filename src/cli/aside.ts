import { Command } from 'commander';
import { JtxError } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { asideJson, asideTable, asideText } from '../report/aside-text.ts';
import { envelope } from '../report/json.ts';
import { dropAside } from '../transaction/drop-aside.ts';
import { findAside, type KnownTransactions, listJailAsides } from '../transaction/jail-asides.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';
import { outputLook, print, withJournal } from './reading.ts';

interface AsideOptions {
  json?: boolean;
  foreign?: boolean;
}

/** `jtx aside`: what rollbacks and failed changes have set aside. */
export function asideCommand(): Command {
  const command = new Command('aside').description('what was set aside: list, show, drop');
  command
    .command('list', { isDefault: true })
    .description('show everything that is set aside')
    .option('--json', 'print one JSON object')
    .action(listAll);
  command
    .command('show')
    .description('show one, and how to look into it')
    .argument('<transaction>', 'the transaction that set it aside')
    .option('--json', 'print one JSON object')
    .action(showOne);
  command
    .command('drop')
    .description('destroy one for good')
    .argument('<transaction>', 'the transaction that set it aside')
    .option('--foreign', 'destroy the snapshots and bookmarks in it that jtx did not make too')
    .option('--json', 'print one JSON object')
    .action(dropOne);
  return command;
}

async function listAll({ json }: AsideOptions): Promise<void> {
  const asides = await ask((journal) => listJailAsides(runCommand, journal));
  if (json === true) print(envelope('aside', { asides: asides.map(asideJson) }));
  else if (asides.length === 0) print('Nothing is set aside.');
  else print(await asideTable(asides, Date.now(), await outputLook()));
}

async function showOne(transaction: string, { json }: AsideOptions): Promise<void> {
  const aside = await ask((journal) => findAside(runCommand, journal, transaction));
  print(json === true ? envelope('aside', { aside: asideJson(aside) }) : asideText(aside, Date.now()));
}

/** What is set aside is found without a journal too: one that cannot be read leaves the names of the jails to ZFS. */
async function ask<T>(use: (journal: KnownTransactions) => Promise<T>): Promise<T> {
  try {
    return await withJournal(use);
  } catch (error) {
    if (error instanceof JtxError && error.code.startsWith('journal-')) return use(undefined);
    throw error;
  }
}

async function dropOne(transaction: string, options: AsideOptions): Promise<void> {
  const json = options.json === true;
  const ending = await withContext(json, (context) =>
    dropAside(context, transaction, options.foreign === true),
  );
  printEnding(ending, json);
}
