import type { Command, Finished, Run, RunOptions } from '../../src/host/run.ts';

type Answer = Partial<Pick<Finished, 'status' | 'stdout' | 'stderr' | 'hung'>>;

/** A host that answers from a script: for each command line the answers in their order, the last one again and again. */
export interface ScriptedHost {
  run: Run;
  /** Every command line that was run, in order. */
  calls: string[];
  options: RunOptions[];
}

/** Makes a host from answers by the beginning of a command line; anything else is a failure of the test. */
export function scripted(answers: Readonly<Record<string, Answer | readonly Answer[]>>): ScriptedHost {
  const calls: string[] = [];
  const given: RunOptions[] = [];
  const used = new Map<string, number>();
  const run = async (command: Command, options: RunOptions = {}): Promise<Finished> => {
    const line = command.join(' ');
    calls.push(line);
    given.push(options);
    const key = Object.keys(answers)
      .filter((start) => line.startsWith(start))
      .sort((a, b) => b.length - a.length)[0];
    if (key === undefined) throw new Error(`not scripted: ${line}`);
    const list = [answers[key] ?? []].flat();
    const at = used.get(key) ?? 0;
    used.set(key, at + 1);
    const answer = list[Math.min(at, list.length - 1)];
    return { command, status: 0, stdout: '', stderr: '', hung: false, ...answer };
  };
  return { run, calls, options: given };
}
