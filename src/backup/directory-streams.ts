import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { JtxError } from '../error.ts';
import { requireWhole } from '../host/pipeline.ts';
import type { Command } from '../host/run.ts';
import type { SendRequest, Stream } from './backup-target.ts';
import { chainOf, type Link } from './chain.ts';
import { runSending } from './run-sending.ts';
import { readLinks, streamOf } from './stream-files.ts';

/** What a compressed stream was when it was written: by that it is known again. */
type Sum = Pick<Link, 'bytes' | 'sha256'>;

/**
 * Writes what a zfs-send(8) has to say into a new file, compressed, all of it on the disk when this is done; gives what
 * was written. Throws `send-failed`, `target-stalled`, and then there is no such file.
 */
export async function writeStream(
  file: string,
  send: Command,
  { abort, silence, onProgress }: Pick<SendRequest, 'abort' | 'silence' | 'onProgress'>,
): Promise<Sum> {
  // A file of its own: another jtx that was killed may have left a writer.
  const into = openSync(file, 'wx', 0o600);
  try {
    const finished = await runSending([send, ['zstd', '-qc', '-T0']], {
      into,
      silence,
      ...(abort === undefined ? {} : { abort }),
      tell: (progress) => onProgress?.(progress),
    });
    requireWhole(finished);
    fsyncSync(into);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(into);
  }
  return sumOf(file);
}

/** The streams of a copy that make one of its backups, in order, each as it was written. Throws `backup-broken`. */
export async function intactStreams(directory: string, backup: string, snapshot: string): Promise<Stream[]> {
  const chain = chainOf(readLinks(directory), backup);
  if (!chain) throw broken(`${directory} lacks a stream that ${snapshot} builds upon`);
  const streams: Stream[] = [];
  for (const link of chain) {
    const file = streamOf(directory, link.backup);
    await requireIntact(file, link);
    streams.push({ commands: [['zstd', '-dcq']], file, snapshot: link.snapshot });
  }
  return streams;
}

async function requireIntact(file: string, written: Sum): Promise<void> {
  if (!existsSync(file)) throw broken(`${file} is gone`);
  const found = await sumOf(file);
  if (found.bytes !== written.bytes || found.sha256 !== written.sha256)
    throw broken(`${file} is not what was written: its sum is another`);
}

async function sumOf(file: string): Promise<Sum> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return { bytes: statSync(file).size, sha256: hash.digest('hex') };
}

function broken(message: string): JtxError {
  return new JtxError({ code: 'backup-broken', outcome: 'refused', message });
}
