import { describe, expect, test } from 'vitest';
import type { InstalledPackage } from '../../src/pkg/database.ts';
import { parsePlan } from '../../src/pkg/plan.ts';
import { judgePlan, type Proposal } from '../../src/pkg/policy.ts';
import { transcript } from './transcript.ts';

function packages(...lines: string[]): InstalledPackage[] {
  return lines.map((line) => {
    const [name = '', version = '', state] = line.split(' ');
    return {
      name,
      version,
      origin: `test/${name}`,
      categories: ['test'],
      flavor: undefined,
      automatic: false,
      locked: state === 'locked',
      registration: '1 x',
      provides: [],
      requires: [],
    };
  });
}

const three = packages('hello 1.0', 'libfoo 1.0', 'tiny 1.0');
const nothing = parsePlan('');

const recorded = (name: string, verb: string) => parsePlan(transcript(name, verb).stdout);
const fresh = recorded('success', 'install -y -- hello');
const upgrade = recorded('plan', 'upgrade -n');
const conflict = recorded('conflict', 'install -nU confl');
const both = recorded('conflict-both-asked', 'install -y -- tiny confl');
const dependants = recorded('remove-with-dependants', 'delete -n tiny');
const orphans = recorded('remove-with-dependants', 'autoremove -n');
const locked = recorded('locked', 'install -yf tiny');

const flavored = three.map((entry) => ({ ...entry, categories: ['test', 'www'], flavor: 'lite' }));
const ofHello = 'www/hello@lite';

const proposal = (over: Partial<Proposal>): Proposal => ({
  plan: fresh,
  verb: 'install',
  asked: ['hello'],
  allowRemovals: false,
  installed: [],
  ...over,
});

describe('a plan', () => {
  test.each<[string, Partial<Proposal>, string | undefined]>([
    ['that does what was asked', {}, undefined],
    ['by name-version', { asked: ['hello-1.0'] }, undefined],
    ['by origin', { asked: ['test/hello'] }, undefined],
    ['with nothing to do', { plan: nothing, installed: three }, undefined],
    ['with nothing to do, by origin', { plan: nothing, installed: three, asked: ['test/hello'] }, undefined],
    [
      'that removes for a conflict',
      { plan: conflict, asked: ['confl'], installed: three },
      'removal-not-asked',
    ],
    ['that may', { plan: conflict, asked: ['confl'], installed: three, allowRemovals: true }, undefined],
    ['that leaves out a request', { plan: both, asked: ['tiny', 'confl'] }, 'request-dropped'],
    [
      'that leaves it out where removals are fine',
      { plan: both, asked: ['tiny', 'confl'], allowRemovals: true },
      'request-dropped',
    ],
    ['that is empty though nothing is there', { plan: nothing }, 'request-dropped'],
    [
      'that removes a request',
      { plan: conflict, asked: ['confl', 'tiny'], installed: three, allowRemovals: true },
      'request-dropped',
    ],
    ['of another version', { asked: ['hello-2.0'] }, 'request-dropped'],
    ['in other letters', { asked: ['HELLO'] }, 'request-dropped'],
    ['with a longer name', { asked: ['hello-extra'] }, 'request-dropped'],
    ['of an upgrade', { plan: upgrade, verb: 'upgrade', asked: [], installed: three }, undefined],
    ['of one upgrade', { plan: upgrade, verb: 'upgrade', asked: ['hello-1.0'], installed: three }, undefined],
    [
      'of an upgrade to nowhere',
      { plan: nothing, verb: 'upgrade', asked: ['zz'], installed: three },
      'package-not-installed',
    ],
    [
      'with dependants',
      { plan: dependants, verb: 'remove', asked: ['tiny'], installed: three },
      'removal-not-asked',
    ],
    [
      'with dependants that were named',
      { plan: dependants, verb: 'remove', asked: ['tiny-1.0', 'test/hello'], installed: three },
      undefined,
    ],
    [
      'with dependants that may go',
      { plan: dependants, verb: 'remove', asked: ['tiny'], installed: three, allowRemovals: true },
      undefined,
    ],
    [
      'of a removal of what is not there',
      { plan: nothing, verb: 'remove', asked: ['zz'], installed: three },
      'package-not-installed',
    ],
    [
      'that leaves out a removal',
      { plan: orphans, verb: 'remove', asked: ['libfoo', 'tiny'], installed: three },
      'request-dropped',
    ],
    ['of a flavor that is new', { asked: [ofHello] }, undefined],
    ['of a flavor that is there', { plan: nothing, asked: [ofHello], installed: flavored }, undefined],
    [
      'of another flavor, with nothing to do',
      { plan: nothing, asked: ['www/hello@tiny'], installed: flavored },
      'request-dropped',
    ],
    [
      'of an upgrade of a flavor',
      { plan: upgrade, verb: 'upgrade', asked: [ofHello], installed: flavored },
      undefined,
    ],
    [
      'of an upgrade of another flavor',
      { plan: upgrade, verb: 'upgrade', asked: ['www/hello@tiny'], installed: flavored },
      'package-not-installed',
    ],
    [
      'of a removal of flavors',
      { plan: dependants, verb: 'remove', asked: ['www/tiny@lite', ofHello], installed: flavored },
      undefined,
    ],
    [
      'that leaves out a removal of a flavor',
      { plan: orphans, verb: 'remove', asked: ['libfoo', ofHello], installed: flavored },
      'request-dropped',
    ],
    ['of orphans', { plan: orphans, verb: 'autoremove', asked: [], installed: three }, undefined],
  ])('%s', (_, over, code) => expect(judgePlan(proposal(over))?.code).toBe(code));

  test('says which removals, and why', () => {
    expect(judgePlan(proposal({ plan: conflict, asked: ['confl'], installed: three }))).toMatchObject({
      message: expect.stringContaining(
        'hello, tiny, which nobody asked for (confl-1.0 conflicts with tiny-1.0',
      ),
      hint: expect.stringContaining('--allow-removals'),
    });
  });

  test('that was not read whole is not carried out, whatever is allowed', () => {
    const plan = { ...fresh, unclear: ['1 to be removed, of which 0 could be read'] };
    expect(judgePlan(proposal({ plan, allowRemovals: true }))?.code).toBe('plan-unclear');
  });
});

describe('a lock', () => {
  const installed = packages('tiny 1.0 locked', 'hello 1.0');
  test.each<[string, Partial<Proposal>, string | undefined]>([
    ['stops its package', { plan: locked, asked: ['tiny'] }, 'package-locked'],
    ['stops a removal', { plan: nothing, verb: 'remove', asked: ['tiny'] }, 'package-locked'],
    ['does not matter where nothing is to be done', { plan: nothing, asked: ['tiny'] }, undefined],
    [
      'stops no other package',
      { plan: { ...upgrade, locked: ['tiny'] }, verb: 'upgrade', asked: ['hello'] },
      undefined,
    ],
    [
      'stops no upgrade of all',
      { plan: { ...upgrade, locked: ['tiny'] }, verb: 'upgrade', asked: [] },
      undefined,
    ],
  ])('%s', (_, over, code) => expect(judgePlan(proposal({ installed, ...over }))?.code).toBe(code));
});
