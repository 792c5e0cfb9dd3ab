/** Packages of the distribution's upkeep, or for its desktops: nothing of ours needs them. */
const LEFT_OUT = [
  /^c?debconf/,
  /^perl/,
  /^libperl/,
  /^systemd/,
  /^ssl-cert$/,
  /^locales/,
  /^libc-bin$/,
  /^ucf$/,
  /^lsb-base$/,
  /^init-system-helpers$/,
  /^adduser$/,
  /^sysvinit-utils$/,
  /^netbase$/,
  /^(dpkg|tar|sensible-utils|readline-common|iproute2|base-files|tzdata-legacy)$/,
  /^postgresql-(client-)?common$/,
  /^gcc-\d+-base$/,
  /^libaudit-common$/,
  /^libllvm/,
  // Names that nginx's own package takes in below.
  /^nginx-light$|^nginx-full$|^nginx-extras$/,
];

/** FreeBSD's names, where the two systems package the same thing. */
const RENAMED: [RegExp, string][] = [
  [/^postgresql-(\d+)$/, 'postgresql$1-server'],
  [/^postgresql-client-(\d+)$/, 'postgresql$1-client'],
  [/^nginx(-common|-core)?$/, 'nginx'],
  [/^libc6$/, 'glibc'],
  [/^libssl[\d.]+(t64)?$/, 'openssl'],
  [/^libicu\d+$/, 'icu'],
  [/^libreadline[\d]+(t64)?$/, 'readline'],
  [/^libtinfo\d+$/, 'ncurses'],
  [/^libxml2(-\d+)?$/, 'libxml2'],
  [/^libxslt1(\.\d+)?$/, 'libxslt'],
  [/^liblz4-1$/, 'liblz4'],
  [/^libzstd1$/, 'zstd'],
  [/^libpcre2-8-0$/, 'pcre2'],
  [/^libgnutls\d+(t64)?$/, 'gnutls'],
  [/^libgmp10$/, 'gmp'],
  [/^libffi\d+$/, 'libffi'],
  [/^libidn2-0$/, 'libidn2'],
  [/^libunistring\d+$/, 'libunistring'],
  [/^libtasn1-6$/, 'libtasn1'],
  [/^libp11-kit0$/, 'p11-kit'],
  [/^libgcrypt20$/, 'libgcrypt'],
  [/^libgpg-error0$/, 'libgpg-error'],
  [/^libsasl2-2$/, 'cyrus-sasl'],
  [/^libdb5\.3(t64)?$/, 'db5'],
  [/^libuuid1$/, 'libuuid'],
];

/** Whether a Debian package has no place in the lab. */
export function isLeftOut(debianName: string): boolean {
  return LEFT_OUT.some((pattern) => pattern.test(debianName));
}

/** The name of the lab's package that a Debian package goes into. */
export function packageName(debianName: string): string {
  for (const [pattern, name] of RENAMED) {
    if (pattern.test(debianName)) return debianName.replace(pattern, name);
  }
  return debianName;
}

/** A version as FreeBSD's packages have it: no epoch, no revision, none of Debian's marks. */
export function packageVersion(debianVersion: string): string {
  return debianVersion
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[.+~](dfsg|ds|repack|really|git).*$/, '')
    .replace(/[^0-9A-Za-z.]/g, '.');
}
