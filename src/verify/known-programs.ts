/** A program that is asked for its version whenever a package of that origin changes. */
export interface KnownProgram {
  /** The origin of its package; `*` stands for anything but a slash. */
  origin: string;
  /** The command that prints the version, by its whole path; MAJOR and MINOR stand for those of the package. */
  command: string;
  /** What it prints around the version, which stands here as VERSION; undefined where it only has to succeed. */
  prints: string | undefined;
}

/** The programs that jtx knows. A person's own, in the configuration, take the place of these by origin. */
export const knownPrograms: readonly KnownProgram[] = [
  // Databases.
  known('databases/postgresql*-server', '/usr/local/bin/postgres --version', 'postgres (PostgreSQL) VERSION'),
  known('databases/postgresql*-client', '/usr/local/bin/psql --version', 'psql (PostgreSQL) VERSION'),
  known('databases/mysql*-server', '/usr/local/libexec/mysqld --version', 'Ver VERSION'),
  known('databases/mariadb*-server', '/usr/local/libexec/mariadbd --version', 'Ver VERSION'),
  known('databases/redis', '/usr/local/bin/redis-server --version', 'Redis server v=VERSION'),
  known('databases/redis[0-9]*', '/usr/local/bin/redis-server --version', 'Redis server v=VERSION'),
  known('databases/valkey*', '/usr/local/bin/valkey-server --version', 'Valkey server v=VERSION'),
  known('databases/memcached', '/usr/local/bin/memcached --version', 'memcached VERSION'),
  known('databases/sqlite3', '/usr/local/bin/sqlite3 --version', 'VERSION'),
  // Web.
  known('www/nginx*', '/usr/local/sbin/nginx -v', 'nginx/VERSION'),
  known('www/apache24', '/usr/local/sbin/httpd -v', 'Apache/VERSION'),
  known('www/lighttpd', '/usr/local/sbin/lighttpd -v', 'lighttpd/VERSION'),
  known('www/caddy', '/usr/local/bin/caddy version', 'vVERSION'),
  known('www/gitea', '/usr/local/sbin/gitea --version', 'version VERSION'),
  known('net/haproxy*', '/usr/local/sbin/haproxy -v', 'version VERSION'),
  known('net/traefik', '/usr/local/bin/traefik version', 'Version:      VERSION'),
  known('www/varnish*', '/usr/local/sbin/varnishd -V', 'varnish-VERSION'),
  // Names, mail and logins.
  known('dns/bind9[0-9]*', '/usr/local/sbin/named -v', 'BIND VERSION'),
  known('dns/unbound', '/usr/local/sbin/unbound -V', 'Version VERSION'),
  known('dns/nsd', '/usr/local/sbin/nsd -v', 'NSD version VERSION'),
  known('dns/coredns', '/usr/local/sbin/coredns -version', 'CoreDNS-VERSION'),
  known('mail/postfix', '/usr/local/sbin/postconf -d mail_version', 'mail_version = VERSION'),
  known('mail/dovecot', '/usr/local/sbin/dovecot --version', 'VERSION'),
  known('mail/exim', '/usr/local/sbin/exim -bV', 'Exim version VERSION'),
  known('security/openssh-portable', '/usr/local/sbin/sshd -V', 'OpenSSH_VERSION'),
  known('security/vault', '/usr/local/bin/vault version', 'Vault vVERSION'),
  known('sysutils/consul', '/usr/local/bin/consul version', 'Consul vVERSION'),
  // Languages.
  known('lang/python3*', '/usr/local/bin/pythonMAJOR.MINOR --version', 'Python VERSION'),
  known('www/node', '/usr/local/bin/node --version', 'vVERSION'),
  known('www/node[0-9]*', '/usr/local/bin/node --version', 'vVERSION'),
  known('java/openjdk[12][0-9]', '/usr/local/openjdkMAJOR/bin/java -version', 'openjdk version "VERSION'),
  known('lang/php*', '/usr/local/bin/php -v', 'PHP VERSION'),
  known('lang/ruby*', '/usr/local/bin/rubyMAJORMINOR --version', 'ruby VERSION'),
  known('lang/perl5.[0-9]*', '/usr/local/bin/perl -v', '(vVERSION'),
  known('lang/go*', '/usr/local/goMAJORMINOR/bin/go version', 'go version goVERSION'),
  // What watches the others.
  known('net-mgmt/prometheus*', '/usr/local/bin/prometheus --version', 'prometheus, version VERSION'),
  known('sysutils/node_exporter', '/usr/local/bin/node_exporter --version', 'node_exporter, version VERSION'),
  known('net-mgmt/alertmanager', '/usr/local/bin/alertmanager --version', 'alertmanager, version VERSION'),
  known('devel/git*', '/usr/local/bin/git --version', 'git version VERSION'),
];

function known(origin: string, command: string, prints: string): KnownProgram {
  return { origin, command, prints };
}
