import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/program.ts';

afterEach(() => vi.restoreAllMocks());

async function printed(...words: string[]): Promise<[status: number, text: string]> {
  let text = '';
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
  return [await main(['node', 'jtx', ...words]), text];
}

test('that of run offers no plan, which a command cannot have', async () => {
  expect(await printed('run', '--help')).toEqual([0, expect.not.stringContaining('--plan')]);
  const refused = await printed('run', 'web', '--plan', '--', 'true');
  expect(refused).toEqual([2, expect.stringContaining('cannot be planned')]);
});

test.each(['backup', 'check-backup', 'prune'])(
  'that of %s says in words which targets are meant',
  async (verb) => {
    const [status, text] = await printed(verb, '--help');
    expect([status, text]).toEqual([0, expect.stringMatching(/--target <name>[^-]*\(default: all/)]);
  },
);
