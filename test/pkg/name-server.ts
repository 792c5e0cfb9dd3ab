import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** A name server for one test, on 127.0.0.1. */
export interface NameServer {
  /** With its port. */
  address: string;
  /** The names that it was asked for, with the type of each question. */
  asked: string[];
}

const types = new Map([
  [1, 'A'],
  [28, 'AAAA'],
]);

/** Answers with the addresses that a name has by `NAME TYPE`; a name that has none does not exist, `silent` is not answered. */
export async function openNameServer(
  known: Readonly<Record<string, readonly number[]>>,
): Promise<NameServer> {
  const server = createSocket('udp4');
  const asked: string[] = [];
  server.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
      at += length + 1;
    }
    const name = labels.join('.');
    const question = `${name} ${types.get(query.readUInt16BE(at + 1)) ?? 'other'}`;
    asked.push(question);
    const address = known[question];
    if (address === undefined && name.startsWith('silent')) return;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(address === undefined ? 0x8583 : 0x8580, 2);
    header.writeUInt16BE(address === undefined ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    const answer =
      address === undefined
        ? []
        : [0xc0, 12, 0, address.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0, address.length, ...address];
    server.send(
      Buffer.concat([header, query.subarray(12, at + 5), Buffer.from(answer)]),
      from.port,
      from.address,
    );
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { address: `127.0.0.1:${server.address().port}`, asked };
}
