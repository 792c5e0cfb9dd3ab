import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Runs a program of the lab in a fresh lab with the small repositories; gives the object that it prints last. */
export async function inLab<T>(program: string, ...args: string[]): Promise<T> {
  const lab = spawn('scripts/lab', ['node', `dist/lab/${program}.js`, ...args], {
    env: { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complaints, [status, signal]] = await Promise.all([
    text(lab.stdout),
    text(lab.stderr),
    once(lab, 'exit'),
  ]);
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}: ${said}${complaints}`);
  return JSON.parse(said.trim().split('\n').at(-1) ?? '');
}
