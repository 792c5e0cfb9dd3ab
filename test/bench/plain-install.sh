#!/bin/sh
# plain-install PACKAGE PROGRAM...: the steps of `jtx install web PACKAGE --verify PROGRAM` without its guards, journal
# and way back: what a careful person would write by hand.
set -eu
package=$1; shift
dataset=$LAB_POOL/jails/web root=$LAB_JAILS/web snapshot=plain-$$
settings="-o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000"
jls -n name path >/dev/null
mount --libxo=json >/dev/null
zfs list -H -r -t filesystem -o name,mountpoint,mounted "$dataset" >/dev/null
zpool list -H -o health "$LAB_POOL" >/dev/null
zfs snapshot -r "$dataset@$snapshot"
zfs hold -r plain "$dataset@$snapshot"
zfs get -Hp -o name,property,value,source guid "$dataset@$snapshot" "$dataset/www@$snapshot" >/dev/null
mount -t devfs -o ruleset=4 devfs "$root/dev"
# shellcheck disable=SC2086
{
  pkg -c "$root" $settings install -Fy -- "$package" >/dev/null
  pkg -c "$root" $settings install -nUy -- "$package" >/dev/null
  pkg -c "$root" $settings install -yU -- "$package" >/dev/null
  pkg -c "$root" $settings query -a '%n %v' > /tmp/plain-after
  # shellcheck disable=SC2046
  pkg -c "$root" $settings check -sq -- $(sed 's/ .*//' /tmp/plain-after) >/dev/null
  pkg -c "$root" $settings check -dnq -a >/dev/null
}
if [ $# -gt 0 ]; then
  jail -c name=plain path="$root" host.hostname=web vnet persist
  jexec -l plain "$@" >/dev/null
  jail -R plain
fi
umount "$root/dev"
zfs set plain:state=committed "$dataset@$snapshot"
zfs release -r plain "$dataset@$snapshot"
