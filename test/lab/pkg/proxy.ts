/** What pkg downloads with: libcurl from 1.20 to 2.6, libfetch before and since. */
export type Downloader = 'libcurl' | 'libfetch';

/** The one of a pkg that runs in this environment; LAB_PKG_DOWNLOADS=libcurl makes it one of those versions. */
export function downloaderIn(environment: NodeJS.ProcessEnv): Downloader {
  return environment['LAB_PKG_DOWNLOADS'] === 'libcurl' ? 'libcurl' : 'libfetch';
}

/** A proxy by which something is downloaded. */
export interface DownloadProxy {
  host: string;
  port: number;
  /** What the header Proxy-Authorization says; undefined where the proxy wants no password. */
  authorization: string | undefined;
}

/** The proxy for a URL, as pkg takes it from its environment, but for no_proxy. */
export function proxyFor(
  url: URL,
  environment: NodeJS.ProcessEnv,
  downloader: Downloader,
): DownloadProxy | undefined {
  const value = proxyIn(environment, url, downloader) ?? '';
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

/** What pkg reads itself, as libfetch does, comes first; libcurl would read of these only the small one. */
function proxyIn(environment: NodeJS.ProcessEnv, url: URL, downloader: Downloader): string | undefined {
  const said = environment['HTTP_PROXY'] ?? environment['http_proxy'];
  if (said !== undefined || downloader === 'libfetch') return said;
  const ofScheme = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : [];
  return [...ofScheme, 'all_proxy', 'ALL_PROXY'].map((name) => environment[name]).find(Boolean);
}

function isExcepted(host: string, list: string): boolean {
  return list
    .split(/[ ,]+/)
    .some((name) => name === '*' || name === host || (name !== '' && host.endsWith(`.${name}`)));
}
