import { existsSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, eventTypes, makeBench, plain } from './bench.ts';
import { installed, runPkg } from './run-pkg.ts';

const ABI = ['-o', 'ABI=FreeBSD:14:amd64', '-o', 'OSVERSION=1401000'];
let bench: Bench;

afterEach(async () => {
  await bench.end();
});

/** Waits for something that another process does. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waits = 0; waits < 200; waits += 1) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('it never came');
}

const slow = () =>
  plain('slow', '1.0', { scripts: { 'post-install': 'touch /tmp/began; sleep 1; touch /tmp/ended' } });

describe('processes', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'goes on when only the started process gets %s',
    async (signal) => {
      bench = await makeBench([slow(), plain('tiny', '1.0', { deps: ['slow'] })]);
      const { root } = bench;
      const run = await runPkg(root, ['install', '-y', '--', 'tiny'], {
        started: (child) => {
          void until(() => existsSync(root.path('tmp/began'))).then(() => child.kill(signal));
        },
      });
      expect(run.signal).toBe(signal);
      await until(async () => (await installed(root)).includes('tiny 1.0'));
      expect(existsSync(root.path('tmp/ended'))).toBe(true);
    },
  );

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends when its group gets %s', async (signal) => {
    bench = await makeBench([slow(), plain('tiny', '1.0', { deps: ['slow'] })]);
    const { root } = bench;
    const run = await runPkg(root, ['install', '-y', '--', 'tiny'], {
      detached: true,
      started: (child) => {
        void until(() => existsSync(root.path('tmp/began'))).then(() => {
          if (child.pid !== undefined) process.kill(-child.pid, signal);
        });
      },
    });
    // It has handled interrupts since it read a catalogue, and makes a status of them.
    expect([run.status, run.signal]).toEqual(signal === 'SIGINT' ? [130, null] : [null, signal]);
    expect(eventTypes(run.events)).not.toContain('INFO_TRIGGERS_FINISHED');
    // Registered before its post-install script ran; what came after it is missing.
    expect(await installed(root)).toEqual(['slow 1.0']);
    expect((await runPkg(root, ['install', '-y', '--', 'tiny'])).status).toBe(0);
    expect(await installed(root)).toEqual(['slow 1.0', 'tiny 1.0']);
  });

  it('ends by an interrupt itself where it has read no catalogue and unpacked nothing', async () => {
    const script = 'touch /tmp/began; sleep 1; touch /tmp/ended';
    bench = await makeBench([plain('slow', '1.0', { scripts: { 'pre-install': script } })]);
    const { root } = bench;
    await runPkg(root, ['install', '-yF', '--', 'slow']);
    const run = await runPkg(root, ['install', '-yU', '--', 'slow'], {
      detached: true,
      started: (child) => {
        void until(() => existsSync(root.path('tmp/began'))).then(() => {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
        });
      },
    });
    expect([run.status, run.signal]).toEqual([null, 'SIGINT']);
    expect(await installed(root)).toEqual([]);
  });

  it('leaves its temporary trees when it is killed while it extracts', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1500 }, (_, index) => [
        `/usr/local/share/many/${index}`,
        Buffer.alloc(20_000, index),
      ]),
    );
    bench = await makeBench([plain('many', '1.0', { files })]);
    const { root } = bench;
    root.write('usr/local/share/there', '');
    const staged = () =>
      readdirSync(root.path('usr/local/share')).filter((name) => name.startsWith('.pkgtemp.many.'));
    const run = await runPkg(root, ['install', '-y', '--', 'many'], {
      detached: true,
      started: (child) => {
        void until(() => staged().length > 0).then(() => {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        });
      },
    });
    expect(run.signal).toBe('SIGKILL');
    expect(staged()).toHaveLength(1);
    expect(await installed(root)).toEqual([]);
    expect((await runPkg(root, ['install', '-y', '--', 'many'])).status).toBe(0);
    expect(await installed(root)).toEqual(['many 1.0']);
    expect(staged()).toHaveLength(1);
  });

  it('waits for the lock of a living pkg and gives up, or gets it; what only reads does not wait', async () => {
    const script = 'touch /tmp/began; while [ ! -e /tmp/go ]; do sleep 0.05; done';
    bench = await makeBench([plain('held', '1.0', { scripts: { 'post-install': script } }), plain('tiny')]);
    const { root } = bench;
    const first = runPkg(root, ['install', '-y', '--', 'held']);
    await until(() => existsSync(root.path('tmp/began')));
    const retries = (count: number) => ({
      global: [...ABI, '-o', `LOCK_RETRIES=${count}`, '-o', 'LOCK_WAIT=0'],
    });
    const eager = await runPkg(root, ['install', '-yU', 'tiny'], retries(0));
    expect(eager.status).toBe(1);
    expect(eager.stderr).toContain(
      'Cannot get an advisory lock on a database, it is locked by another process',
    );
    expect(await installed(root)).toEqual(['held 1.0']);
    expect((await runPkg(root, ['check', '-sq', '-a'], { global: ABI })).status).toBe(0);
    expect((await runPkg(root, ['info', '-e', 'held'], { global: ABI })).status).toBe(0);
    expect((await runPkg(root, ['install', '-nU', 'tiny'], { global: ABI })).status).toBe(1);
    const patient = runPkg(root, ['install', '-yU', 'tiny'], {
      global: [...ABI, '-o', 'LOCK_RETRIES=60', '-o', 'LOCK_WAIT=1'],
      started: () => setTimeout(() => root.write('tmp/go', ''), 500),
    });
    expect((await first).status).toBe(0);
    expect((await patient).status).toBe(0);
    expect(await installed(root)).toEqual(['held 1.0', 'tiny 1.0']);
  });
});

describe('EVENT_PIPE', () => {
  const options = (path: string) => [...ABI, '-o', `EVENT_PIPE=${path}`];

  it.each(['/tmp/nowhere', '/etc/passwd'])('goes on without it where it is %s', async (path) => {
    bench = await makeBench([plain('tiny')]);
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny'], { global: options(path) });
    expect(run.status).toBe(0);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(await installed(bench.root)).toEqual(['tiny 1.0']);
  });

  it('connects for a query too and says nothing', async () => {
    bench = await makeBench([plain('tiny')]);
    await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    const run = await runPkg(bench.root, ['query', '%n']);
    expect(run.stdout).toBe('tiny\n');
    expect(run.events).toBe('');
  });
});
