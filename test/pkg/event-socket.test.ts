import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { chdir, cwd } from 'node:process';
import { expect, test } from 'vitest';
import { runCommand } from '../../src/host/run.ts';
import { listenForEvents } from '../../src/pkg/event-socket.ts';
import { temporaryDirectory } from './jail-root.ts';

/** A directory whose path no socket could be bound by. */
function deep(): string {
  const directory = join(temporaryDirectory(), ...Array.from({ length: 6 }, () => 'x'.repeat(40)));
  mkdirSync(directory, { recursive: true });
  return directory;
}

// As pkg does: it sends from inside the root, and is gone at once.
const sender = `
const socket = require('node:net').connect('events.sock');
socket.end(process.argv[1], () => process.exit());`;

const send = (directory: string, text: string) =>
  spawn(process.execPath, ['-e', sender, text], { cwd: directory, stdio: 'ignore' });

test('hears processes one after the other, at any length of path, and leaves no socket', async () => {
  const directory = deep();
  const here = cwd();
  let heard = '';
  const receiver = await listenForEvents(directory, '/', (text) => {
    heard += text;
  });
  expect(cwd()).toBe(here);
  expect(receiver.connections()).toBe(0);
  for (const text of ['one\n', 'cut off', 'three \u{1f980}\n']) {
    await once(send(directory, text), 'exit');
    await receiver.drained();
  }
  expect(heard).toBe('one\ncut off\nthree \u{1f980}\n');
  expect(receiver.connections()).toBe(3);
  await receiver.close();
  await receiver.close();
  expect(cwd()).toBe(here);
  expect(existsSync(join(directory, 'events.sock'))).toBe(false);
});

// Progress that begins again and again for as long as somebody listens, or that ends as pkg tells it: with a dot on
// its output for each tenth.
const endless = `
const socket = require('node:net').connect('events.sock');
let current = 0;
const timer = setInterval(() => {
  current += 1;
  socket.write('{"type":"INFO_PROGRESS_TICK","data":{"current":' + current + ',"total":100}}\\n');
  if (process.argv[1] === 'endless' || current % 10 > 0) return;
  process.stdout.write('.');
  if (current === 100) socket.end(() => process.exit());
}, 30);
socket.on('error', () => process.exit());
socket.on('close', () => process.exit());`;

test.each([
  ['without end is ended', 'endless', true],
  ['that lead to an end goes on', 'ending', false],
])('a process that sends events %s', async (_what, which, hung) => {
  const directory = temporaryDirectory();
  let heard: (() => void) | undefined;
  let text = '';
  const receiver = await listenForEvents(directory, '/', (chunk) => {
    text += chunk;
    heard?.();
  });
  const script = 'cd "$1"; exec "$2" -e "$3" "$4"';
  const result = await runCommand(['sh', '-c', script, 'sh', directory, process.execPath, endless, which], {
    silence: 1000,
    alive: (listen) => {
      heard = listen;
    },
  });
  await receiver.close();
  expect(text).toContain('INFO_PROGRESS_TICK');
  expect([result.hung, result.stdout]).toEqual([hung, hung ? '' : '.'.repeat(10)]);
});

test('waits for what a process sent that ended before it was let in', async () => {
  const directory = temporaryDirectory();
  let heard = 0;
  const receiver = await listenForEvents(directory, '/', (text) => {
    heard += text.length;
  });
  // The event loop stands still until the sender has gone: its connection is still in the queue.
  for (let round = 1; round <= 3; round += 1) {
    spawnSync(process.execPath, ['-e', sender, 'x'.repeat(10_000)], { cwd: directory, stdio: 'ignore' });
    await receiver.drained();
    expect(heard).toBe(round * 10_001);
  }
  await receiver.close();
});

test('does not wait for ever for a process that keeps its end open', async () => {
  const directory = temporaryDirectory();
  const receiver = await listenForEvents(directory, '/', () => {});
  const held = connect(join(directory, 'events.sock'));
  held.on('error', () => {});
  await once(held, 'connect');
  const start = Date.now();
  await receiver.close();
  expect(Date.now() - start).toBeLessThan(4000);
  await once(held.resume(), 'close');
});

test('can be closed where the directory of the transaction has gone with a rollback', async () => {
  const directory = temporaryDirectory();
  const receiver = await listenForEvents(directory, '/', () => {});
  rmSync(directory, { recursive: true });
  await receiver.close();
});

test.each([
  [
    'the directory, by a link out of the root',
    (root: string, outside: string) => {
      renameSync(join(root, 'own'), join(root, 'was'));
      symlinkSync(outside, join(root, 'own'));
    },
  ],
  [
    'the socket, by a link to one of the host',
    (root: string, outside: string) => {
      rmSync(join(root, 'own/events.sock'));
      symlinkSync(join(outside, 'events.sock'), join(root, 'own/events.sock'));
    },
  ],
])('a jail that swaps %s leads nobody there', async (_what, swap) => {
  const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
  mkdirSync(join(root, 'own'));
  const receiver = await listenForEvents(root, 'own', () => {});
  const visitors: unknown[] = [];
  const host = createServer((visitor) => visitors.push(visitor));
  host.listen(join(outside, 'events.sock'));
  await once(host, 'listening');
  swap(root, outside);
  await receiver.drained();
  await receiver.close();
  expect(visitors).toEqual([]);
  expect(readdirSync(outside)).toEqual(['events.sock']);
  host.close();
});

test('nothing is bound through a link', async () => {
  const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
  symlinkSync(outside, join(root, 'own'));
  await expect(listenForEvents(root, 'own', () => {})).rejects.toMatchObject({ code: 'root-unsafe' });
  expect(readdirSync(outside)).toEqual([]);
});

test('works from a working directory that has gone', async () => {
  const back = cwd();
  const gone = temporaryDirectory();
  const directory = temporaryDirectory();
  chdir(gone);
  rmSync(gone, { recursive: true });
  try {
    await (await listenForEvents(directory, '/', () => {})).close();
  } finally {
    chdir(back);
  }
});
