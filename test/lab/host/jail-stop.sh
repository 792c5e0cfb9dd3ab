# Read by jail: how one ends.

# end_jail r|R: ends every process of the jail in state: by TERM, after ten seconds by KILL, or at once.
end_jail() {
  local pid=${state[pid]} left until=$((SECONDS + 10))
  if [ "$1" = r ]; then
    left=$(processes)
    [ -z "$left" ] || kill -TERM $left 2>/dev/null
    while [ $SECONDS -lt $until ] && [ -n "$(processes)" ]; do sleep 0.05; done
  fi
  kill -KILL "$pid" 2>/dev/null
  while kill -0 "$pid" 2>/dev/null; do sleep 0.005; done
  rm -f "$jails/$name"
}

remove_jails() { # r|R NAME...
  local how=$1 status=0 was; shift
  [ "$*" != '*' ] || mapfile -t names < <(alive)
  [ "$*" != '*' ] || set -- "${names[@]}"
  for name in "$@"; do
    local asked=$name
    [ "$how" = R ] || stop_dependents "$name"
    find_jail "$name" || { say "\"$asked\" not found"; status=1; continue; }
    was=${state[configured]}
    [ "$how" = r ] && [ -n "$was" ] && load_configured "$name" || parameter=()
    on_host exec.prestop; in_jail exec.stop
    end_jail "$how"
    [ -z "$was" ] || echo "$name: removed"
    on_host exec.poststop
    # devfs goes with a jail of the configuration only.
    if [ "$how" = r ] && [ -n "$was" ] && [ -n "${state[devfs]}" ]; then "$here/umount" "${state[path]}/dev"; fi
  done
  return $status
}
