import { request } from 'node:http';
import type { Socket } from 'node:net';
import { errorText } from './error-text.ts';
import type { DownloadProxy } from './proxy.ts';

/** A way through a proxy to the server of an https URL, or what pkg says where it gets none. */
export function openTunnel(proxy: DownloadProxy, url: URL): Promise<Socket | string> {
  const target = `${url.hostname}:${url.port === '' ? 443 : url.port}`;
  const { host, port, authorization } = proxy;
  return new Promise((resolve) => {
    const asked = request({
      host,
      port,
      method: 'CONNECT',
      path: target,
      headers: {
        host: target,
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      },
    });
    asked.on('connect', ({ statusCode, statusMessage }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      resolve(statusMessage ?? String(statusCode));
    });
    asked.on('error', (error) => resolve(errorText(error)));
    asked.end();
  });
}
