import { posix } from 'node:path';
import { accountScript } from './account-scripts.ts';
import type { ContentFile, ContentLink, PackageContent } from './content.ts';
import { NGINX_RC_SCRIPT, postgresRcScript } from './rc-scripts.ts';

/** Gives the programs what makes them packages of FreeBSD: links below /usr/local, rc scripts, accounts. */
export function finishPackage(pkg: PackageContent, major: string): PackageContent {
  if (pkg.name === `postgresql${major}-client`) return withPrograms(pkg);
  if (pkg.name === `postgresql${major}-server`) return finishPostgres(withPrograms(pkg), major);
  return pkg.name === 'nginx' ? finishNginx(withPrograms(pkg)) : pkg;
}

function finishPostgres(pkg: PackageContent, major: string): PackageContent {
  const account = { name: 'postgres', id: 770, home: '/var/db/postgres', shell: '/bin/sh' };
  const home = `[ -d /var/db/postgres ] || mkdir -p /var/db/postgres
chown postgres:postgres /var/db/postgres
chmod 0750 /var/db/postgres
`;
  const message = `To make the first database: /usr/local/etc/rc.d/postgresql initdb
To start the server now: /usr/local/etc/rc.d/postgresql onestart
To start it with the jail: postgresql_enable="YES" in /etc/rc.conf`;
  return {
    ...pkg,
    files: [...(pkg.files ?? []), script('/usr/local/etc/rc.d/postgresql', postgresRcScript(major))],
    users: ['postgres'],
    groups: ['postgres'],
    scripts: { 'pre-install': accountScript(account) + home },
    messages: [{ message, type: 'install' }],
  };
}

function finishNginx(pkg: PackageContent): PackageContent {
  const account = { name: 'www', id: 80, home: '/nonexistent', shell: '/usr/sbin/nologin' };
  const files = (pkg.files ?? []).map(forFreeBsd);
  return {
    ...pkg,
    files: [...files, script('/usr/local/etc/rc.d/nginx', NGINX_RC_SCRIPT)],
    links: [
      ...(pkg.links ?? []),
      // Where the program was built to look.
      { path: '/etc/nginx', target: '/usr/local/etc/nginx' },
      { path: '/usr/local/etc/nginx/sites-enabled/default', target: '../sites-available/default' },
    ],
    directories: ['/var/log/nginx', '/var/lib/nginx'].map((path) => ({ path, mode: 0o755 })),
    config: files.map((file) => file.path).filter((path) => /\/(nginx\.conf|default)$/.test(path)),
    users: ['www'],
    groups: ['www'],
    scripts: { 'pre-install': accountScript(account) },
  };
}

/** The distribution's configuration with FreeBSD's account and places. */
function forFreeBsd(file: ContentFile): ContentFile {
  const edit = (change: (text: string) => string): ContentFile => {
    return { ...file, content: Buffer.from(change(file.content.toString('utf8'))) };
  };
  if (file.path.endsWith('/nginx.conf')) {
    return edit((text) =>
      text.replace(/^user .*;/m, 'user www;').replace(/^pid .*;/m, 'pid /var/run/nginx.pid;'),
    );
  }
  if (file.path.endsWith('/sites-available/default')) {
    return edit((text) =>
      text
        .replace(/^\s*listen \[::\].*\n/gm, '')
        .replace(/^(\s*root) \/var\/www\/html;/gm, '$1 /usr/local/www/nginx;'),
    );
  }
  if (file.path === '/usr/share/nginx/html/index.html')
    return { ...file, path: '/usr/local/www/nginx/index.html' };
  return file;
}

/** Links to a package's programs from where FreeBSD's packages have theirs. */
function withPrograms(pkg: PackageContent): PackageContent {
  const links: ContentLink[] = [];
  for (const { path } of [...(pkg.files ?? []), ...(pkg.links ?? [])]) {
    const directory = posix.dirname(path);
    if (/^\/usr\/(lib\/postgresql\/\d+\/)?bin$/.test(directory)) links.push(link('/usr/local/bin', path));
    if (directory === '/usr/sbin') links.push(link('/usr/local/sbin', path));
  }
  return { ...pkg, links: [...(pkg.links ?? []), ...links] };
}

function link(directory: string, path: string): ContentLink {
  return { path: `${directory}/${posix.basename(path)}`, target: posix.relative(directory, path) };
}

function script(path: string, text: string): ContentFile {
  return { path, content: Buffer.from(text), mode: 0o755 };
}
