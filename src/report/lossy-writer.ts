/**
 * Writes to a stream until its reader has gone, or there is no room; the rest is lost. It never throws: what is told
 * meanwhile must not end a transaction half way.
 */
export function lossyWriter(stream: NodeJS.WritableStream): (text: string) => void {
  let lost = false;
  stream.on('error', () => {
    lost = true;
  });
  return (text) => {
    if (lost) return;
    try {
      stream.write(text);
    } catch {
      lost = true;
    }
  };
}
