import { JtxError, refused } from '../error.ts';
import { nameserverWithoutProxy, throughProxy } from '../pkg/command.ts';
import { hostsOf } from '../pkg/resolver.ts';
import type { Session } from './session.ts';

/**
 * Downloads in an environment in which pkg gets names resolved, whatever its version, with the name server that it is
 * given: a proxy is open for just that long, so that no package script finds it. Throws `names-not-lent`, and what the
 * download does.
 */
export async function lendingNames(
  { settings }: Session,
  downloading: Record<string, string>,
  download: (environment: Record<string, string>) => Promise<void>,
): Promise<void> {
  const nameserver = nameserverWithoutProxy(settings, downloading);
  if (nameserver === undefined) return download(downloading);
  const { lendNames } = await import('../pkg/lent-names.ts');
  const { openNameProxy } = await import('../pkg/name-proxy.ts');
  const names = lendNames(nameserver, settings.rootdir ? '' : hostsOf(settings.root));
  try {
    const proxy = await openNameProxy(names);
    try {
      await download(throughProxy(downloading, proxy.url));
    } catch (error) {
      throw withReason(error, proxy.failure());
    } finally {
      await proxy.close();
    }
  } finally {
    names.close();
  }
}

/** Of a connection that a proxy could not make pkg only knows that, and jtx knows why. */
function withReason(error: unknown, reason: string | undefined): unknown {
  if (!(error instanceof JtxError) || error.code !== 'repository-unreachable' || reason === undefined)
    return error;
  return refused('repository-unreachable', `${error.message} (${reason})`, error.hint, error);
}
