import { createSocket } from 'node:dgram';

// name-server ADDRESS: answers every question for an A record with 127.0.0.1, and any other with nothing.
// Writes the names that it was asked for to standard output, a line each.
const [address = '127.0.0.1'] = process.argv.slice(2);
const server = createSocket('udp4');

server.on('message', (query, from) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += length + 1;
  }
  const question = query.subarray(12, at + 5);
  const wantsAddress = query.readUInt16BE(at + 1) === 1;
  process.stdout.write(`${labels.join('.')}\n`);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(wantsAddress ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  // A pointer to the name, A, IN, one minute, four bytes.
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  server.send(Buffer.concat([header, question, ...(wantsAddress ? [answer] : [])]), from.port, from.address);
});

server.bind(53, address);
