import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JtxError } from '../../src/error.ts';
import { parseMounts } from '../../src/host/mounts.ts';
import { parseConfigured } from '../../src/jail/configured.ts';
import { parseJls } from '../../src/jail/running.ts';
import { EventReader } from '../../src/pkg/events.ts';
import { parsePlan, plannedChanges } from '../../src/pkg/plan.ts';
import { parseDiff } from '../../src/zfs/diff.ts';
import { readInventory } from '../../src/zfs/inventory.ts';
import { readPoints } from '../../src/zfs/newer.ts';
import { parseOwn } from '../../src/zfs/own-properties.ts';
import { readSnapshots } from '../../src/zfs/snapshot.ts';
import { everyStep } from '../pkg/transcript.ts';
import { asOwn, valueLast } from '../zfs/printed.ts';
import { manyRuns, mutated } from './mutated.ts';

/** A parser, real texts for it, and the names that it takes from a text: each must be one that the text has. */
interface Parser {
  name: string;
  samples: readonly string[];
  names: (text: string) => readonly string[];
}

const fixture = (path: string): string => readFileSync(`test/fixtures/${path}`, 'utf8');
const steps = everyStep();
const short = (texts: readonly string[]): string[] =>
  texts.filter((text) => text !== '' && text.length < 2000);

/** Backslashes and quotes are what jail(8) and JSON have put around: they are not the name's. */
const bare = (text: string): string => text.replaceAll(/[\\"']/g, '');

function has(text: string, name: string): boolean {
  return [name, JSON.stringify(name)].some((written) => bare(text).includes(bare(written)));
}

const parsers: Parser[] = [
  {
    name: 'the jails of jail.conf',
    samples: [
      'name=pg\u001fpath=/jails/pg\u001fpersist\nname=web-1\u001fpath="/jails/web one"\u001fmount.fstab=/etc/fstab.web\n',
      `name=a\u001fpath='/jails/a"b'\u001fmount="a b nullfs ro,noatime 0 0","c d nullfs ro 0 0"\nname=b\u001fpath=/jails/a\\\\b\n`,
    ],
    names: (text) => parseConfigured(text).flatMap(({ name, path }) => [name, path]),
  },
  {
    name: 'running jails',
    samples: [
      '{"__version": "2","jail-information": {"jail": [{"jid":"36","name":"pg","path":"/jails/pg","dying":false}]}}',
    ],
    names: (text) => parseJls(text).map(({ name }) => name),
  },
  {
    name: 'mounts',
    samples: [
      '{"mount":{"mounted":[{"special":"z/a","node":"/jails/a","fstype":"zfs"},{"special":"devfs","node":"/jails/a/dev","fstype":"devfs"}]}}',
    ],
    names: (text) => parseMounts(text).map(({ fstype }) => fstype),
  },
  {
    name: "pkg's plan",
    samples: short(steps.map(({ stdout }) => stdout)),
    names: (text) => plannedChanges(parsePlan(text)).map(({ name }) => name),
  },
  {
    name: "pkg's events",
    samples: short(steps.map(({ events }) => events)),
    names(text) {
      const reader = new EventReader();
      const half = Math.floor(text.length / 2);
      const events = [...reader.push(text.slice(0, half)), ...reader.push(text.slice(half)), ...reader.end()];
      return events.map(({ type }) => type);
    },
  },
  {
    name: 'own properties',
    samples: [asOwn({ 'z/web': { quota: '0', 'x:y': 'a\nb' }, 'z/web/data': { mountpoint: '/x' } })],
    names: (text) => [...(parseOwn(text, ['z/web', 'z/web/data']) ?? new Map()).keys()],
  },
  {
    name: 'everything of a pool',
    samples: [
      valueLast(fixture('zfs/inventory-openzfs.txt').slice(0, 1500)).join('\n'),
      valueLast(fixture('zfs/inventory-fuse.txt').slice(0, 1500)).join('\n'),
    ],
    names: (text) => [...readInventory(text.split('\n')).keys()],
  },
  {
    name: 'snapshots and bookmarks',
    samples: ['z/web@a\tuserrefs\t-\t0\nz/web#b\tcreatetxg\t-\t13\nz/web@jtx-1\tjtx:tx\tlocal\t1\n'],
    names: (text) => readPoints(text.split('\n')).map(({ name }) => name),
  },
  {
    name: 'described snapshots',
    samples: ['z/web@a\tguid\t-\t123\nz/web@a\tuserrefs\t-\t1\nz/web/b@a\tguid\t-\t456\n'],
    names: (text) => readSnapshots(text.split('\n')).map(({ name }) => name),
  },
  {
    name: 'differences',
    samples: [
      '1700000000.123456789\tM\t/\t/jails/web/\n1700000001.000000000\tR\tF\t/jails/web/a\\0040b\t/jails/web/c\n1700000001.5\t+\tF\t/jails/web/d\n',
    ],
    names: (text) => parseDiff(text).map(({ type }) => type),
  },
];

test.each(parsers)(
  '$name: whatever is printed, nothing breaks and nothing is made up',
  { timeout: 300_000 },
  ({ name, samples, names }) => {
    expect(samples.length).toBeGreaterThan(0);
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`${name}: ${manyRuns} texts from seed ${seed}`);
    let read = 0;
    fc.assert(
      fc.property(mutated(samples), (text) => {
        try {
          for (const found of names(text)) if (!has(text, found)) throw new Error(`made up: ${found}`);
          read += 1;
        } catch (error) {
          if (!(error instanceof JtxError)) throw error;
        }
      }),
      { numRuns: manyRuns, seed },
    );
    // One that refuses everything would prove nothing.
    expect(read).toBeGreaterThan(manyRuns / 100);
  },
);
