import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import type { TestRoot } from './root.ts';

/** The pkg under test: any program, or the stand-in; with its first arguments. */
const own = process.env['JTX_LAB_PKG'];
const [PROGRAM, ...FIRST]: [string, ...string[]] =
  own !== undefined ? [own] : [resolve('test/lab/pkg/pkg'), process.execPath, resolve('dist/pkg/pkg.js')];

const ABI = ['-o', 'ABI=FreeBSD:14:amd64', '-o', 'OSVERSION=1401000'];

/** How a run ended and all that it said. */
export interface Run {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  events: string;
}

/** What a run is given beside its verb. */
export interface RunOptions {
  /** Options before the verb; the ABI and EVENT_PIPE unless this says otherwise. */
  global?: readonly string[];
  environment?: Record<string, string>;
  /** Called when the process has started. */
  started?: (child: ChildProcess) => void;
  detached?: boolean;
}

/** Runs the pkg under test on a root, all its events collected. */
export async function runPkg(
  root: TestRoot,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const events = await listen(root.path('tmp/ev.sock'));
  const global = options.global ?? [...ABI, '-o', 'EVENT_PIPE=/tmp/ev.sock'];
  const child = spawn(PROGRAM, [...FIRST, '-c', root.directory, ...global, ...args], {
    cwd: root.directory,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/root', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.detached === true,
  });
  options.started?.(child);
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.on('close', (code, by) => done([code, by]));
  });
  const run = { status, signal, stdout: await stdout, stderr: await stderr, events: await events.end() };
  return run;
}

/** The installed packages as `name version`. */
export async function installed(root: TestRoot): Promise<string[]> {
  const run = await runPkg(root, ['query', '%n %v'], { global: ABI });
  return run.stdout.split('\n').filter((line) => line !== '');
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  stream.setEncoding('utf8');
  for await (const piece of stream) all += String(piece);
  return all;
}

async function listen(path: string): Promise<{ end(): Promise<string> }> {
  rmSync(path, { force: true });
  let all = '';
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('data', (piece) => {
      all += String(piece);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(path, done));
  return {
    async end() {
      for (let waits = 0; sockets.size > 0 && waits < 100; waits += 1) {
        await new Promise((done) => setTimeout(done, 10));
      }
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
      return all;
    },
  };
}
