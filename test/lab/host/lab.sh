# Read by the stand-ins: where the lab is, and what the state of a jail says.
here=$(dirname "$(realpath "$0")")
jails=$LAB/jails.d
jail_value() { sed -n "s/^$2=//p" "$jails/$1" 2>/dev/null; }
alive() { for f in "$jails"/*; do [ -f "$f" ] || continue; n=${f##*/}; kill -0 "$(jail_value "$n" pid)" 2>/dev/null && echo "$n"; done | while read -r n; do echo "$(jail_value "$n" jid) $n"; done | sort -n | cut -d' ' -f2-; }
