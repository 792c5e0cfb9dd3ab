# Read by jail: what it starts before a jail and stops before one, by `depend` and by the names of children (state.c).

# Prints JAIL NEEDS a line, for all that the configuration says.
dependences() {
  [ -e "$conf" ] || return 0
  configuration "$items" "$lists" | awk -v items="$items" -v lists="$lists" '
    {
      name = ""; needs = ""
      n = split($0, item, items)
      for (i = 1; i <= n; i++) {
        if (item[i] ~ /^name=/) name = substr(item[i], 6)
        if (item[i] ~ /^depend=/) needs = substr(item[i], 8)
      }
      known[name] = 1; order[NR] = name; of[name] = needs
    }
    END {
      for (j = 1; j <= NR; j++) {
        name = order[j]
        n = split(of[name], one, lists)
        for (i = 1; i <= n; i++) print name, one[i]
        if (match(name, /.*\./) && substr(name, 1, RLENGTH - 1) in known) print name, substr(name, 1, RLENGTH - 1)
      }
    }'
}

# Starts what a jail depends on and is not there.
start_needed() { # NAME
  local one
  for one in $(dependences | awk -v name="$1" '$1 == name { print $2 }'); do
    exists "$one" && continue
    configuration "$items" "$lists" | grep -q "^name=$one\($items\|\$\)" || { say "$1: depends on undefined jail \"$one\""; return 1; }
    "$here/jail" -f "$conf" -c "$one" || { say "$1: skipped"; return 1; }
  done
}

# Stops what depends on a jail, whether or not what is between them is there.
stop_dependents() { # NAME
  local one
  for one in $(dependences | awk -v name="$1" '$2 == name { print $1 }'); do
    stop_dependents "$one"
    if exists "$one"; then "$here/jail" -f "$conf" -r "$one"; fi
  done
}
