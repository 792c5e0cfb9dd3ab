/** A proxy by which something is downloaded. */
export interface Proxy {
  host: string;
  port: number;
  /** What the header Proxy-Authorization says; undefined where the proxy wants no password. */
  authorization: string | undefined;
}

/** The proxy for a URL, as pkg (2.x) takes it from its environment: HTTP_PROXY, else http_proxy, but for no_proxy. */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): Proxy | undefined {
  const value = environment['HTTP_PROXY'] ?? environment['http_proxy'] ?? '';
  if (value === '' || isExcepted(url.hostname, environment['no_proxy'] ?? environment['NO_PROXY'] ?? ''))
    return undefined;
  const proxy = new URL(/^[a-z]+:\/\//i.test(value) ? value : `http://${value}`);
  const user = environment['HTTP_PROXY_AUTH'] ?? decodeURIComponent(`${proxy.username}:${proxy.password}`);
  return {
    host: proxy.hostname,
    port: proxy.port === '' ? 1080 : Number(proxy.port),
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
  };
}

function isExcepted(host: string, list: string): boolean {
  return list
    .split(/[ ,]+/)
    .some((name) => name === '*' || name === host || (name !== '' && host.endsWith(`.${name}`)));
}
