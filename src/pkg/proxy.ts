import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { refused } from '../error.ts';

/** Gives the address of a host by its name, or rejects where there is none. */
export type Resolve = (name: string) => Promise<string>;

/** As this host knows it: the first of what getaddrinfo(3) gives. */
export const resolveHere: Resolve = async (name) => (await lookup(name, { verbatim: true })).address;

// As in a URL; fetch(3) takes one without a scheme too.
const form = /^([a-z][a-z0-9+.-]*:\/\/)?(?:([^/?#]*)@)?(\[[^\]/?#@]+\]|[^:/?#@[\]]+)(:\d+)?([/?#].*)?$/i;

const instead = 'Say where the proxy is by its address.';

/**
 * The setting of a proxy with the address that this host knows for its name: pkg looks it up inside the jail, whose own
 * hosts(5) could lead it, and a password with it, elsewhere. An "@" in a password is written so that nothing else can be
 * taken for the name. Throws `proxy-unknown`, `proxy-unsafe`; neither says what is secret.
 */
export async function withAddress(variable: string, value: string, resolve: Resolve): Promise<string> {
  const [, scheme = '', user, host, port = '', rest = ''] = form.exec(value) ?? [];
  if (host === undefined)
    throw refused(
      'proxy-unsafe',
      `${variable} is not written as a proxy is`,
      'SCHEME://USER:PASSWORD@HOST:PORT, with %2F for a "/" in the password.',
    );
  const secret = user === undefined ? '' : `${user.replaceAll('@', '%40')}@`;
  return `${scheme}${secret}${await addressOf(variable, scheme, host, resolve)}${port}${rest}`;
}

async function addressOf(variable: string, scheme: string, host: string, resolve: Resolve): Promise<string> {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return host;
  // Its certificate is for its name, and it is the jail that says whose certificates are good.
  if (/^https:/i.test(scheme))
    throw refused(
      'proxy-unsafe',
      `${variable} has an https:// proxy by its name, ${host}: the jail could answer for it, and read the password`,
      instead,
    );
  try {
    const address = await resolve(host);
    return isIP(address) === 6 ? `[${address}]` : address;
  } catch (error) {
    throw refused(
      'proxy-unknown',
      `this host knows no address of ${host}, the proxy of ${variable}, and the jail is not to be asked: it could answer for it, and read the password`,
      instead,
      error,
    );
  }
}
