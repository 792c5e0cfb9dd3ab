# Completions of jtx(8) for bash. Made by `npm run reference` from scripts/reference and the commands themselves.

# What an administrator of a jail calls its children shows in jls(8): a name with anything else in it is left out.
__jtx_jails() {
  {
    jls name
    jtx status --json | grep -o '"jail":"[^"]*"' | cut -d '"' -f 4
  } 2> /dev/null | LC_ALL=C grep -Ex '[A-Za-z0-9_][A-Za-z0-9_.-]*' | sort -u
}

__jtx_transactions() { # [JAIL]: the newest
  jtx history --json "$@" 2> /dev/null | grep -o '"id":"[0-9A-Z]*"' | cut -d '"' -f 4
}

__jtx_takes() { # VERB: fills in the variables of _jtx
  case $1 in
@table@
  esac
}

_jtx() {
  local IFS=$' \t\n' current=${COMP_WORDS[COMP_CWORD]} verb='' kind='' words='' word
  local verbs options values operands more given=()
  __jtx_takes ''
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == = ]]; then # readline makes three words of --option=value
      kind=${kind:-nothing}
    elif [[ $kind != '' ]]; then # the value of the option before it
      kind=''
    elif [[ $word == -- ]]; then # what follows is another program's
      return
    elif [[ " $values" == *" $word="* ]]; then
      kind=" $values"
      kind=${kind#*" $word="}
      kind=${kind%% *}
    elif [[ $word == -* ]]; then
      :
    elif [[ " $verbs " == *" $word "* ]]; then
      verb=${verb:+$verb }$word
      __jtx_takes "$verb"
    else
      given+=("$word")
    fi
  done
  if [[ $current == = ]]; then
    current='' kind=${kind:-nothing}
  elif [[ $kind == '' && $current == -* ]]; then
    kind=${options// /|}
  elif [[ $kind == '' && $verbs != '' && ${#given[@]} == 0 ]]; then
    kind=${verbs// /|}
  fi
  case ${kind:=${operands[${#given[@]}]:-$more}} in
    jail) words=$(__jtx_jails) ;;
    transaction) words=$(__jtx_transactions) ;;
    to) words=$(__jtx_transactions "${given[0]}") ;;
    file) compopt -o default 2> /dev/null ;;
    dir) compopt -o dirnames 2> /dev/null ;;
    nothing) ;;
    *) words=${kind//|/ } ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _jtx jtx
