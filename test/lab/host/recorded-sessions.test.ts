import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../deadline.ts';
import { openForTests } from '../for-tests.ts';
import { Lab } from '../open-lab.ts';
import { comparable, recordedSession } from './recorded-session.ts';

// The stand-ins against what FreeBSD did: sessions are run again, command by command, in the jail `web` of a lab.

interface Session {
  file: string;
  sections: readonly string[];
  /** Prepares the lab. */
  before?: string;
  /** Commands that are left out. */
  except?: RegExp;
}

const sessions: readonly Session[] = [
  {
    file: 'throw-away-jail.txt',
    sections: ['3a ', '3a2', '3b ', '3c', '3e', '3f', '3g'],
    // Its first command leaves a devfs, and shows the devices of the guest.
    before: 'echo text > "$LAB_JAILS/web/etc/old.txt"; mount -t devfs devfs "$LAB_JAILS/web/dev"',
    // No jail is modified in place; no jail of the lab has zfs; Linux's ps knows no jails.
    except: /devfs rule|ls \/dev|sbin\/zfs|ps -ax|-cm /,
  },
  {
    file: 'throw-away-jail-2.txt',
    sections: ['3b1 ', '3b2', '3b3', '3b4', '3b6', '3b7', '3b9', '3b13'],
    // The lab's sh wants one for what goes into the background.
    before: ': > "$LAB_JAILS/web/dev/null"',
    except: /ps -ax/,
  },
  {
    file: 'jls-jexec.txt',
    sections: ['4 ', 'jexec', 'dying'],
    // The parameters that no script of ours asks for, and the probe of the guest.
    except: /jls -[vs]|json -v|jls -n$|pretty|osrelease| all$|netprobe/,
  },
  {
    file: 'devfs.txt',
    sections: ['now load', 'double', 'symlink', 'symlinked'],
    before: 'rm "$LAB_JAILS/web/dev/null"; mkdir /tmp/d; : > /tmp/rc',
    except: /-s 4 (show|applyset)|wc -l|head -3/,
  },
  {
    file: 'more.txt',
    sections: ['9b'],
    before: 'echo "D=$LAB_JAILS/web" > /tmp/variables',
    except: /^zfs|program/,
  },
];

const lab = openForTests(new Lab());
let root: string;

beforeAll(async () => {
  root = `${lab.environment['LAB_JAILS']}/web`;
  // A /tmp of its own, and a devfs that is the host's, as the guest had one.
  // Where the checkout itself lies in /tmp, it has to stay in sight.
  await lab.must(
    [
      'mkdir "$LAB/tmp" && /bin/mount --bind /tmp "$LAB/tmp" && /bin/mount -t tmpfs tmpfs /tmp',
      'case $LAB_TOP in /tmp/*) mkdir -p "$LAB_TOP" && /bin/mount --bind "$LAB$LAB_TOP" "$LAB_TOP" ;; esac',
      'mkdir /tmp/host && mount -t devfs devfs /tmp/host',
    ].join('\n'),
  );
});

async function runAgain(command: string): Promise<{ output: string[]; status: number }> {
  const script = 'cd /; exec 2>&1; ! [ -e /tmp/variables ] || . /tmp/variables; eval "$1"';
  const line = command.replaceAll('/jails/pg', root).replace('devfs /etc/rc', 'devfs /tmp/rc');
  const { stdout, status } = await lab.run([
    'env',
    '-i',
    `PATH=${lab.environment['PATH']}`,
    'bash',
    '--norc',
    '-c',
    script,
    'bash',
    line,
  ]);
  return { output: comparable(stdout.replace('/tmp/rc', '/etc/rc').split('\n'), root), status };
}

async function left(): Promise<string[]> {
  const script = 'mount -t devfs | grep "$LAB"; jls -n jid name path dying';
  return comparable((await lab.must(script)).split('\n'), root);
}

describe.each(sessions)('$file', ({ file, sections, before, except }) => {
  beforeAll(async () => {
    if (before !== undefined) await lab.must(before);
  });
  const recorded = recordedSession(file, sections).filter(({ command }) => !except?.test(command));
  it.each(recorded)('$command', { timeout: deadline(40_000) }, async (run) => {
    const again = await runAgain(run.command);
    expect(again).toEqual({ output: comparable(run.output, root), status: run.status });
    if (run.left) expect(await left()).toEqual(comparable(run.left, root));
  });
});
