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
    '')
      verbs='install upgrade remove autoremove doctor verify run rollback history show status diff aside confirm backup restore check-backup prune recover'
      options='-V --version -h --help'
      values=''
      operands=() more=nothing
      ;;
    'install' | 'upgrade' | 'remove' | 'autoremove')
      verbs=''
      options='--plan --rehearse --stop --verify --expect --on-data --confirm-within --keep-failed --json --ndjson --abi --osversion --pkg-config --repo-conf-dir -o --option --allow-removals --rootdir --scripts-on-host --migrate-database -h --help'
      values='--verify=nothing --expect=nothing --on-data=aside|discard|refuse --confirm-within=nothing --abi=nothing --osversion=nothing --pkg-config=file --repo-conf-dir=dir -o=nothing --option=nothing'
      operands=(jail) more=nothing
      ;;
    'doctor' | 'aside list')
      verbs=''
      options='--json -h --help'
      values=''
      operands=() more=nothing
      ;;
    'verify')
      verbs=''
      options='--verify --expect --abi --osversion --rootdir --json -h --help'
      values='--verify=nothing --expect=nothing --abi=nothing --osversion=nothing'
      operands=(jail) more=nothing
      ;;
    'run')
      verbs=''
      options='--rehearse --stop --verify --expect --on-data --confirm-within --keep-failed --json --ndjson -h --help'
      values='--verify=nothing --expect=nothing --on-data=aside|discard|refuse --confirm-within=nothing'
      operands=(jail) more=nothing
      ;;
    'rollback')
      verbs=''
      options='--plan --on-data --discard --json -h --help'
      values='--on-data=aside|discard|refuse'
      operands=(jail to) more=nothing
      ;;
    'history')
      verbs=''
      options='-n --limit --json -h --help'
      values='-n=nothing --limit=nothing'
      operands=(jail) more=nothing
      ;;
    'show' | 'diff' | 'aside show')
      verbs=''
      options='--json -h --help'
      values=''
      operands=(transaction) more=nothing
      ;;
    'status')
      verbs=''
      options='--check --json -h --help'
      values=''
      operands=(jail) more=nothing
      ;;
    'aside')
      verbs='list show drop'
      options='-h --help'
      values=''
      operands=() more=nothing
      ;;
    'aside drop')
      verbs=''
      options='--foreign --json -h --help'
      values=''
      operands=(transaction) more=nothing
      ;;
    'confirm')
      verbs=''
      options='--json -h --help'
      values=''
      operands=(jail) more=nothing
      ;;
    'backup')
      verbs=''
      options='--target --status --warn --critical --proved-within --prometheus --json -h --help'
      values='--target=nothing --warn=nothing --critical=nothing --proved-within=nothing'
      operands=() more=jail
      ;;
    'restore')
      verbs=''
      options='--from --at --as --path --plan --json -h --help'
      values='--from=nothing --at=nothing --as=nothing --path=nothing'
      operands=(jail) more=nothing
      ;;
    'check-backup')
      verbs=''
      options='--target --sample --json -h --help'
      values='--target=nothing --sample=nothing'
      operands=() more=jail
      ;;
    'prune')
      verbs=''
      options='--target --plan --json -h --help'
      values='--target=nothing'
      operands=() more=jail
      ;;
    'recover')
      verbs=''
      options='--rebuild --leave --json -h --help'
      values='--leave=transaction'
      operands=() more=nothing
      ;;
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
