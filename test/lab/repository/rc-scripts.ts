/** An rc script for PostgreSQL that does without rc.subr(8), which the lab's jails lack. */
export function postgresRcScript(major: string): string {
  return `#!/bin/sh
#
# PROVIDE: postgresql
# REQUIRE: LOGIN
# KEYWORD: shutdown
#
# In /etc/rc.conf: postgresql_enable="YES", postgresql_data="/var/db/postgres/data${major}"

postgresql_enable=NO
postgresql_data=/var/db/postgres/data${major}
[ -r /etc/rc.conf ] && . /etc/rc.conf
cd /

as_postgres() {
	su -m postgres -c "exec $1"
}
prepare() {
	[ -d /var/run/postgresql ] || mkdir -p /var/run/postgresql
	chown postgres:postgres /var/run/postgresql
}
enabled() {
	case $postgresql_enable in
	[Yy][Ee][Ss]) ;;
	*) echo "Cannot '$1' postgresql. Set postgresql_enable to YES in /etc/rc.conf or use 'one$1'." >&2; exit 1 ;;
	esac
}
start() {
	prepare
	as_postgres "/usr/local/bin/pg_ctl start -w -s -D $postgresql_data -l /var/db/postgres/postgresql.log"
}
stop() {
	as_postgres "/usr/local/bin/pg_ctl stop -s -m fast -D $postgresql_data"
}

case $1 in
start) enabled start; start ;;
onestart) start ;;
stop) enabled stop; stop ;;
onestop) stop ;;
restart) enabled restart; stop; start ;;
onerestart) stop; start ;;
status|onestatus) as_postgres "/usr/local/bin/pg_ctl status -D $postgresql_data" ;;
initdb|oneinitdb)
	prepare
	as_postgres "/usr/local/bin/initdb --encoding=UTF8 --locale=C --auth=trust -D $postgresql_data" || exit
	# The name localhost needs a hosts file, and an offline jail nothing but the socket.
	echo "listen_addresses = ''" >> "$postgresql_data/postgresql.conf"
	;;
*) echo "usage: postgresql [one](start|stop|restart|status|initdb)" >&2; exit 1 ;;
esac
`;
}

/** The same for nginx. */
export const NGINX_RC_SCRIPT = `#!/bin/sh
#
# PROVIDE: nginx
# REQUIRE: LOGIN
# KEYWORD: shutdown
#
# In /etc/rc.conf: nginx_enable="YES"

nginx_enable=NO
[ -r /etc/rc.conf ] && . /etc/rc.conf
pidfile=/var/run/nginx.pid

running() {
	[ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>&-
}
enabled() {
	case $nginx_enable in
	[Yy][Ee][Ss]) ;;
	*) echo "Cannot '$1' nginx. Set nginx_enable to YES in /etc/rc.conf or use 'one$1'." >&2; exit 1 ;;
	esac
}
start() {
	mkdir -p /var/log/nginx /var/lib/nginx
	/usr/local/sbin/nginx
}
stop() {
	running || { echo "nginx not running?" >&2; return 1; }
	/usr/local/sbin/nginx -s quit
	while running; do sleep 1; done
}

case $1 in
start) enabled start; start ;;
onestart) start ;;
stop) enabled stop; stop ;;
onestop) stop ;;
restart) enabled restart; stop; start ;;
onerestart) stop; start ;;
reload|onereload) /usr/local/sbin/nginx -s reload ;;
configtest) /usr/local/sbin/nginx -t ;;
status|onestatus)
	if running; then echo "nginx is running as pid $(cat "$pidfile")."; else echo "nginx is not running."; exit 1; fi
	;;
*) echo "usage: nginx [one](start|stop|restart|reload|status)|configtest" >&2; exit 1 ;;
esac
`;
