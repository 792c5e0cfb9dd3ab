import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes pieces of content as one zstd file. */
export async function writeCompressed(path: string, pieces: Iterable<Buffer>): Promise<void> {
  const zstd = spawn('zstd', ['-q', '-3', '-f', '-o', path], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  zstd.stderr.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  const ended = once(zstd, 'close');
  try {
    await pipeline(Readable.from(pieces), zstd.stdin);
  } catch (error) {
    // A zstd that could not start or write says more than the broken pipe does.
    if (complaint === '' && !isBrokenPipe(error)) throw error;
  }
  const [status]: unknown[] = await ended;
  if (status !== 0) throw new Error(`zstd could not write ${path}: ${complaint.trim()}`);
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
