import type { Ended, Lab } from './open-lab.ts';
import { resetJail } from './reset-jail.ts';

/** How a transaction ended, as `--json` says it. */
export interface Verdict extends Ended {
  state: string | undefined;
  code: string | undefined;
  id: string | undefined;
}

/** One jail of an open lab, with a state to which it can be brought back. */
export interface JailUnderTest {
  name: string;
  root: string;
  dataset: string;
  /** Everything of the jail's file systems, a line a path. */
  manifest(): Promise<string>;
  /** The registered packages, `name-version`, sorted. */
  packages(): Promise<string[]>;
  /** jtx VERB JAIL ARGS --json. */
  jtx(verb: string, ...args: string[]): Promise<Verdict>;
  /** Changes the jail as another person on the host would. */
  pkg(...args: string[]): Promise<Ended>;
  /** Back to how the lab made it; the journal is forgotten. */
  reset(): Promise<void>;
}

/** Takes a jail of the lab for tests, and remembers its state. */
export async function jailUnderTest(lab: Lab, name: string): Promise<JailUnderTest> {
  const root = `${lab.environment['LAB_JAILS']}/${name}`;
  const dataset = `${lab.environment['LAB_POOL']}/jails/${name}`;
  // The jail's own configuration does not steer the tests either.
  const abi = lab.environment['LAB_SYSTEM'] === 'Linux' ? ['ABI=FreeBSD:14:amd64', 'OSVERSION=1401000'] : [];
  const settings = [...abi, 'ALIAS=', 'PKG_ENABLE_PLUGINS=no'];
  const options = settings.flatMap((setting) => ['-o', setting]);
  const pkg: JailUnderTest['pkg'] = (...args) => lab.run(['pkg', '-c', root, ...options, ...args]);
  await lab.must('zfs snapshot -r "$1@base"; cp "$LAB/jtx.toml" "$LAB/jtx.toml.base"', dataset);
  return {
    name,
    root,
    dataset,
    pkg,
    manifest: () => lab.must('manifest "$1"', root),
    async packages() {
      const { stdout } = await pkg('query', '-a', '%n-%v');
      return stdout.trim().split('\n').filter(Boolean).sort();
    },
    async jtx(verb, ...args) {
      const dashes = args.indexOf('--');
      const [own, rest] = dashes < 0 ? [args, []] : [args.slice(0, dashes), args.slice(dashes)];
      const ended = await lab.run(['jtx', verb, name, '--json', ...own, ...rest]);
      return { ...ended, ...verdictOf(ended.stdout) };
    },
    reset: () => resetJail(lab, name, dataset),
  };
}

function verdictOf(text: string): Pick<Verdict, 'state' | 'code' | 'id'> {
  const read: unknown = text.trim() === '' ? {} : JSON.parse(text);
  const transaction = at(read, 'transaction');
  return {
    state: word(at(transaction, 'state')),
    code: word(at(at(transaction ?? read, 'error'), 'code')),
    id: word(at(transaction, 'id')),
  };
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
