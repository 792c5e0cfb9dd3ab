# Read by the stand-ins: which jails the lab has. A jail's state is the file $LAB/jails.d/NAME, KEY=VALUE a line.
here=${BASH_SOURCE[0]%/*}
jails=$LAB/jails.d
declare -A state=()

read_state() { # NAME
  local key value
  state=()
  [ -f "$jails/$1" ] || return 1
  while IFS='=' read -r key value; do state[$key]=$value; done < "$jails/$1"
}

# The processes of the jail in state, apart from the first of its namespaces: that one is the lab's, no jail has it.
processes() {
  local space
  space=$(readlink "/proc/${state[pid]}/ns/pid") || return 0
  space=${space//[^0-9]/}
  ps -eo pidns=,pid=,stat= | awk -v space="$space" -v first="${state[pid]}" '$1 == space && $2 != first && $3 !~ /^Z/ { print $2 }'
}

# Reads the state of a jail that exists. One that need not persist is gone with its last process.
exists() { # NAME
  read_state "$1" && kill -0 "${state[pid]}" 2>/dev/null || return 1
  [ -z "${state[persist]}" ] && [ -z "$(processes)" ] || return 0
  kill -KILL "${state[pid]}" 2>/dev/null
  rm -f "$jails/$1"
  return 1
}

# Sets name to that of the jail that NAME or JID means, and reads its state.
find_jail() { # NAME-OR-JID
  name=$1
  case $1 in *[!0-9]*) ;; *)
    local file
    file=$(grep -lx "jid=$1" "$jails"/* 2>/dev/null) && name=${file##*/} ;;
  esac
  exists "$name"
}

not_found() { # PROGRAM NAME-OR-JID
  case $2 in *[!0-9]*) echo "$1: jail \"$2\" not found" >&2 ;; *) echo "$1: jail $2 not found" >&2 ;; esac
}

# The names of all jails, oldest first.
alive() {
  local file names=()
  for file in "$jails"/*; do
    if [ -f "$file" ] && exists "${file##*/}"; then names[${state[jid]}]=${file##*/}; fi
  done
  [ ${#names[@]} -eq 0 ] || printf '%s\n' "${names[@]}"
}
