import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';

// Clears the screen, names the window, begins anew at the line's start, and turns the order of what follows round.
const evil = '\x1b[2J\x1b]0;own\x07\rdone\u009b31m\u202e';
const inShell = "printf '\\033[2J\\033]0;own\\007\\rdone\\302\\23331m\\342\\200\\256\\n'";
const steering = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

const packages = [
  ownPackage('talks', {
    scripts: { 'post-install': `${inShell}; ${inShell} >&2` },
    messages: [{ message: `begin${evil}\nweb: committed.` }],
  }),
  ownPackage('fails', { scripts: { 'pre-install': `${inShell}; ${inShell} >&2; exit 1` } }),
  ownPackage(`named${evil}`),
  ownPackage('needs', { deps: [`named${evil}`] }),
  ownPackage('shows', {
    files: { [`/usr/local/share/shows/${evil}`]: 'x', '/usr/local/bin/shows': `#!/none${evil}\n` },
    scripts: { 'post-install': 'chmod 755 /usr/local/bin/shows' },
  }),
];

describe('text that steers a terminal', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(() => addRepository(lab, jail, packages));

  /** Runs jtx as a person and as a script would, and expects that neither's terminal is steered. */
  const harmless = async (...args: string[]): Promise<string> => {
    const ended = await lab.run(['jtx', ...args]);
    const said = ended.stdout + ended.stderr;
    expect(said).not.toMatch(steering);
    return said;
  };
  const everything = async (): Promise<string> => {
    const [row] = JSON.parse((await lab.run(['jtx', 'history', '--json'])).stdout).transactions;
    const shown = [await harmless('show', row.id), await harmless('history'), await harmless('status')];
    for (const verb of [['show', row.id], ['history'], ['status']])
      shown.push(await harmless(...verb, '--json'));
    return shown.join('\n');
  };
  /** All outputs of commands in the journal, as they are there. */
  const journalled = (): Promise<string> =>
    lab.must(
      `"$LAB_NODE" -e 'const D = require(process.argv[1]); for (const { output } of new D(process.env.JTX_JOURNAL).prepare("SELECT output FROM commands UNION ALL SELECT output FROM verifications").all()) console.log(output)' "$LAB_TOP/node_modules/better-sqlite3"`,
    );

  it('of a package script is harmless, and kept as it is in the journal', async () => {
    const done = await harmless('install', 'web', 'talks');
    expect(done).toContain('Message from talks-1.0:\n  begin\\x1b[2J');
    // Only jtx itself speaks at the beginning of a line.
    expect(done.match(/^web: committed\./gm)).toHaveLength(1);
    expect(await everything()).toContain('\\u001b[2J');
    expect(await journalled()).toContain('\x1b[2J\x1b]0;own\x07');
    await harmless('install', 'web', 'fails');
    await everything();
  });

  it('of a command that is run, and of a probe', async () => {
    expect(await harmless('run', 'web', '--', 'sh', '-c', inShell)).toContain('\\x1b[2J');
    await harmless('run', 'web', '--', 'sh', '-c', `${inShell} >&2; exit 3`);
    await harmless(
      'install',
      'web',
      'tiny',
      '--verify',
      `/bin/sh -c "${inShell.replaceAll('\\', '\\\\')}; exit 1"`,
    );
    expect(await everything()).toContain('\\x1b[2J');
    expect(await journalled()).toContain('\x1b[2J\x1b]0;own\x07');
  });

  it('in the name of a package is never installed, and harmless in a plan', async () => {
    const planned = await harmless('install', 'web', 'needs', '--plan');
    expect(planned).toContain('could not be read whole');
    await harmless('install', 'web', 'needs', '--plan', '--json');
    const done = await harmless('install', 'web', 'needs');
    expect(done).toContain('the jail is as before');
    expect(await jail.packages()).toEqual([]);
    await everything();
  });

  it('in the name of a file, and in what a file says of itself', async () => {
    const done = await harmless('install', 'web', 'shows');
    expect(done).toContain('is a script for /none');
    await everything();
    await lab.must('jtx run web -- sh -c "touch \\"/root/$(printf \\"\\\\033[2J\\")\\""');
    const [row] = JSON.parse((await lab.run(['jtx', 'history', '--json'])).stdout).transactions;
    await harmless('diff', row.id);
    await harmless('diff', row.id, '--json');
    await harmless('rollback', 'web', '--plan');
  });
});
