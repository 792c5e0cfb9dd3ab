import type { Ended, Lab } from './open-lab.ts';
import { resetJail } from './reset-jail.ts';

/** How a transaction ended, as `--json` says it. */
export interface Verdict extends Ended {
  state: string | undefined;
  code: string | undefined;
  id: string | undefined;
}

/** One jail of a lab, with a state to which it can be brought back. */
export class JailUnderTest {
  readonly name: string;
  private readonly lab: Lab;

  constructor(lab: Lab, name: string) {
    this.lab = lab;
    this.name = name;
  }

  get root(): string {
    return `${this.lab.environment['LAB_JAILS']}/${this.name}`;
  }

  get dataset(): string {
    return `${this.lab.environment['LAB_POOL']}/jails/${this.name}`;
  }

  /** Makes of how the jail is now the state for {@link reset}. */
  async remember(): Promise<void> {
    await this.lab.must('zfs snapshot -r "$1@base"; cp "$LAB/jtx.toml" "$LAB/jtx.toml.base"', this.dataset);
  }

  /** Back to what was remembered; the journal is forgotten. */
  reset(): Promise<void> {
    return resetJail(this.lab, this.name, this.dataset);
  }

  /** Everything of the jail's file systems, a line a path. */
  manifest(): Promise<string> {
    return this.lab.must('manifest "$1"', this.root);
  }

  /** The registered packages, `name-version`, sorted. */
  async packages(): Promise<string[]> {
    const { stdout } = await this.pkg('query', '-a', '%n-%v');
    return stdout.trim().split('\n').filter(Boolean).sort();
  }

  /** Changes the jail as another person on the host would. */
  pkg(...args: string[]): Promise<Ended> {
    const linux = this.lab.environment['LAB_SYSTEM'] === 'Linux';
    const abi = linux ? ['ABI=FreeBSD:14:amd64', 'OSVERSION=1401000'] : [];
    // The jail's own configuration does not steer the tests either.
    const settings = [...abi, 'ALIAS=', 'PKG_ENABLE_PLUGINS=no'];
    const options = settings.flatMap((setting) => ['-o', setting]);
    return this.lab.run(['pkg', '-c', this.root, ...options, ...args]);
  }

  /** jtx VERB JAIL ARGS --json. */
  async jtx(verb: string, ...args: string[]): Promise<Verdict> {
    const dashes = args.indexOf('--');
    const [own, rest] = dashes < 0 ? [args, []] : [args.slice(0, dashes), args.slice(dashes)];
    const ended = await this.lab.run(['jtx', verb, this.name, '--json', ...own, ...rest]);
    return { ...ended, ...verdictOf(ended.stdout) };
  }
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
