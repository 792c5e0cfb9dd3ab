import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { Context } from '../../src/transaction/context.ts';
import { silent } from '../../src/transaction/progress.ts';
import { manifestOf } from '../lab/manifest.ts';

const environment = process.env;
const pool = environment['LAB_POOL'] ?? '';
const jails = environment['LAB_JAILS'] ?? '';

/** Runs zfs(8); throws for any status but 0. */
export function zfs(...args: string[]): string {
  return execFileSync('zfs', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Whether zfs(8) can do this. */
export function zfsCan(...args: string[]): boolean {
  return spawnSync('zfs', args, { stdio: 'ignore' }).status === 0;
}

/** What every jail is cloned from: a root that is complete, and small, so that it is looked at quickly. */
export function makeTemplate(): string {
  const template = `${pool}/template`;
  const root = join(jails, 'template');
  zfs('create', '-o', `mountpoint=${root}`, template);
  cpSync(environment['LAB_BASE'] ?? '', root, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  });
  for (const path of ['usr/bin', 'sbin', 'usr/libexec'])
    rmSync(join(root, path), { recursive: true, force: true });
  mkdirSync(join(root, 'usr/bin'));
  zfs('snapshot', `${template}@base`);
  return `${template}@base`;
}

/** The tag of what others hold. */
export const theirHold = 'keep';

/** One jail of its own, with a child that goes back with it, and one that never does. */
export class SequenceJail {
  readonly name: string;
  readonly dataset: string;
  readonly root: string;

  constructor(name: string, template: string) {
    this.name = name;
    this.dataset = `${pool}/jails/${name}`;
    this.root = join(jails, name);
    zfs('clone', template, this.dataset);
    zfs('create', `${this.dataset}/www`);
    zfs('create', '-o', 'jtx:rollback=off', `${this.dataset}/data`);
  }

  /** What has to come back with a rollback, in one word. */
  fingerprint(): string {
    const lines = manifestOf(this.root)
      .split('\n')
      .filter((line) => !/ "data(\/[^"]*)?"$/.test(line) && !/ "\."$/.test(line));
    return createHash('sha256').update(lines.join('\n')).digest('hex');
  }

  /** What never goes back. */
  data(): string {
    return existsSync(join(this.root, 'data')) ? manifestOf(join(this.root, 'data')) : '';
  }

  write(path: string, text: string): void {
    appendFileSync(join(this.root, path), text);
  }

  /** Takes it away with everything that it has left: what was set aside, and what others made of it. */
  destroy(): void {
    const snapshots = zfs('list', '-H', '-o', 'name,userrefs', '-t', 'snapshot').split('\n');
    for (const line of snapshots) {
      const [snapshot = '', holds] = line.split('\t');
      if (snapshot.startsWith(this.dataset) && holds !== '0') zfs('release', theirHold, snapshot);
    }
    const until = Date.now() + 60_000;
    let said = '';
    for (let left = this.left(); left.length > 0; left = this.left()) {
      if (Date.now() > until) throw new Error(`${left.join(', ')} could not be destroyed: ${said}`);
      // With whatever depends on it, wherever that lies. Of a tree that is busy still some goes each time.
      for (const name of left) said = spawnSync('zfs', ['destroy', '-R', name], { encoding: 'utf8' }).stderr;
    }
  }

  /** The tops of its trees. */
  private left(): string[] {
    const names = zfs('list', '-H', '-o', 'name', '-t', 'filesystem').split('\n');
    return names.filter(
      (name) =>
        (name.startsWith(this.dataset) && !name.includes('/', this.dataset.length)) ||
        name.startsWith(`${pool}/clone-${this.name}-`),
    );
  }
}

/**
 * The guids of everything that there is on the pool, by name: what is foreign must stay among them, under whatever name.
 */
export function guids(): Map<string, string> {
  const types = bookmarks ? ['-t', 'filesystem,snapshot,bookmark'] : [];
  const got = zfs('get', '-Hp', '-r', ...types, '-o', 'name,value', 'guid', pool);
  return new Map(
    got
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name = '', guid = ''] = line.split('\t');
        return [name, guid];
      }),
  );
}

/** An old zfs(8) has no bookmarks. */
export const bookmarks = zfsCan('list', '-t', 'bookmark', pool);

/** jtx itself, in this process, with a journal of its own. */
export function openContext(): Context {
  const config = loadConfig(environment);
  return {
    config,
    journal: Journal.open(config.journal),
    progress: silent,
    interrupt: new AbortController().signal,
    environment,
  };
}
