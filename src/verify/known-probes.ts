import { type KnownProgram, knownPrograms } from './known-programs.ts';
import type { Probe } from './probe.ts';
import { splitWords } from './words.ts';

/** A package, as far as its programs go. */
interface Registered {
  name: string;
  version: string;
  origin: string;
}

/**
 * The probes of the known programs that packages have: that they start, and print the version of their package. One
 * that prints something of another kind passes; one that a package was built without is not asked for.
 */
export function knownProbes(
  packages: readonly Registered[],
  owners: ReadonlyMap<string, string>,
  own: readonly KnownProgram[],
): Probe[] {
  return packages.flatMap((one) => {
    const ours = own.filter(({ origin }) => matches(origin, one.origin));
    const programs =
      ours.length > 0 ? ours : knownPrograms.filter(({ origin }) => matches(origin, one.origin));
    return programs.flatMap((program) => {
      const version = printedVersion(one.version);
      const command = splitWords(withVersion(program.command, one.version));
      const ofPackage = owners.get(command[0] ?? '') === one.name;
      return ofPackage ? [{ command, ...expectation(program.prints, version) }] : [];
    });
  });
}

/** Whether an origin is one of a pattern: `*` and `[0-9]` as in a shell. One that is no pattern has none. */
export function matches(pattern: string, origin: string): boolean {
  return expressionFor(pattern)?.test(origin) === true;
}

/** Whether a text is such a pattern: its brackets are closed, and hold letters, digits, dots and ranges that go up. */
export function isOriginPattern(text: string): boolean {
  return expressionFor(text) !== undefined;
}

function expressionFor(pattern: string): RegExp | undefined {
  const pieces = pattern.match(/\*|\[[\w.+-]+\]|[^*[\]]/g) ?? [];
  if (pieces.join('') !== pattern) return undefined;
  const sources = pieces.map((piece) => {
    if (piece === '*') return '[^/]*';
    return piece.length > 1 ? piece : escaped(piece);
  });
  try {
    return new RegExp(`^${sources.join('')}$`);
  } catch {
    // A range that goes down: nothing else of it is left that is no expression.
    return undefined;
  }
}

/**
 * The version that a program itself prints: without the port's revision and epoch, without a build's number, and with
 * a patch level as OpenSSH writes it (ports have 9.9.p1 for 9.9p1). Undefined for what is not released: ports write a
 * beta in their own way.
 */
export function printedVersion(version: string): string | undefined {
  const own = version.replace(/[_,+].*$/, '').replace(/\.p(?=\d)/, 'p');
  return /^\d+(?:\.\d+)*(?:p\d+)?$/.test(own) ? own : undefined;
}

function withVersion(command: string, version: string): string {
  const [major = '', minor = ''] = version.split(/[._,+]/);
  return command.replaceAll('MAJOR', major).replaceAll('MINOR', minor);
}

function expectation(
  prints: string | undefined,
  version: string | undefined,
): Pick<Probe, 'expect' | 'shown'> {
  if (prints === undefined || version === undefined) return { expect: undefined };
  const [before = '', after = ''] = prints.split('VERSION').map(escaped);
  // Ports write with dots what some programs write with a dash: 2.4.1.4 for 2.4.1-4.
  const parts = version.split('.').join('[._-]');
  const right = `${before}${before === '' ? '(?<![0-9.])' : ''}${parts}(?!\\.?[0-9])${after}`;
  // With nothing before it, any number could be the version; one with a dot in it is taken for it.
  const sameKind = before === '' ? '[0-9]\\.[0-9]' : `${before}[0-9]`;
  return {
    expect: new RegExp(`${right}|^(?![\\s\\S]*${sameKind})`),
    shown: prints.replace('VERSION', version),
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
