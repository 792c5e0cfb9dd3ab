/** Documentation, translations, the distribution's own machinery, and what only a compiler of queries needs. */
const DROPPED = [
  /^\/usr\/share\/(doc|doc-base|man|info|locale|lintian|bug|apport|vim|debconf|bash-completion|gcc|gdb|perl5|nginx\/modules-available)\//,
  /^\/usr\/share\/postgresql\/\d+\/man\//,
  /^\/usr\/lib\/postgresql\/\d+\/lib\/(bitcode\/|llvmjit)/,
  /^\/usr\/share\/zoneinfo\/(posix\/|right\/|localtime$)/,
  /^\/usr\/lib\/[^/]+\/gconv\//,
  /^\/usr\/lib\/(systemd|tmpfiles\.d|sysusers\.d|udev|init)\//,
  /^\/etc\/(init\.d|default|logrotate\.d|ufw|cron\.d|apparmor\.d|ld\.so\.conf\.d|gss|libaudit\.conf)(\/|$)/,
  /^\/usr\/sbin\/locale-gen$/,
  /^\/usr\/share\/nginx\/modules$/,
];

/** Where a path of the distribution's packages lies in the lab's; undefined for what they leave out. */
export function placeOf(path: string): string | undefined {
  // The distribution merged these two; a FreeBSD jail has its own /lib.
  const merged = path.replace(/^\/lib\//, '/usr/lib/').replace(/^\/(lib64|sbin|bin)\//, '/usr/$1/');
  if (DROPPED.some((pattern) => pattern.test(merged))) return undefined;
  return merged.replace(/^\/etc\/nginx(?=\/)/, '/usr/local/etc/nginx');
}
