import { appendFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// pinger SOCKET FILE: asks a web server on a unix socket again and again, and writes down, a line each in milliseconds,
// when it answered. Until it is killed.
const [socketPath = '', file = ''] = process.argv.slice(2);

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/', agent: false, timeout: 500 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

for (;;) {
  if (await answers()) appendFileSync(file, `${performance.timeOrigin + performance.now()}\n`);
  await sleep(5);
}
