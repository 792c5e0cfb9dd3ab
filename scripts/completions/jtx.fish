# Completions of jtx(8) for fish. Made by `npm run reference` from scripts/reference and the commands themselves.

# What an administrator of a jail calls its children shows in jls(8): a name with anything else in it is left out.
function __jtx_jails
    begin
        command -q jls; and jls name
        jtx status --json | string match -rag '"jail":"([^"]*)"'
    end 2>/dev/null | string match -r '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' | sort -u
end

function __jtx_transactions # [JAIL]: the newest
    jtx history --json $argv 2>/dev/null |
        string match -ra '"id":"[^"]*","jail":"[^"]*","verb":"[^"]*","state":"[^"]*"' |
        string replace -r '"id":"(.*)","jail":"(.*)","verb":"(.*)","state":"(.*)"' '$1\t$3 of $2, $4'
end

function __jtx_takes --no-scope-shadowing # VERB: fills in the variables of __jtx_complete
    switch $argv[1]
        case ''
            set verbs install\t'install packages into a jail as a transaction' upgrade\t'upgrade all packages of a jail, or those named' remove\t'remove packages from a jail' autoremove\t'remove packages that nothing needs any more' doctor\t'look at the host and at every jail, and say what is wrong and what mends it; nothing is changed' verify\t'verify what is installed in a jail, on a clone of it: nothing of the jail is changed' run\t'run any command inside a jail as a transaction' rollback\t'bring a jail back: before a transaction, to a snapshot, to a time' history\t'show the newest transactions' show\t'show everything that is known of one transaction' status\t'show the last transaction of each jail, and what is left to do' diff\t'show which packages and files a transaction changed' aside\t'what was set aside: list, show, drop' confirm\t'keep what was committed on trial (--confirm-within)' backup\t'back jails up: all of them, or those that are named' restore\t'make a jail what it was at a backup, or put it beside the others' check-backup\t'restore the newest backups beside everything, compare every file, and take them away again' prune\t'destroy the snapshots and backups that the retention keeps no more' recover\t'put right what a crash, a kill or a power cut left'
            set options -V\t'output the version number' --version\t'output the version number' -h\t'display help for command' --help\t'display help for command'
            set values
            set operands
            set more nothing
        case 'install' 'upgrade' 'remove' 'autoremove'
            set verbs
            set options --plan\t'show what would happen; the jail stays as it is' --rehearse\t'do it all on a clone first, and touch the jail only if that passed' --stop\t'stop a running jail for the length of the change, and start it again' --verify\t'a command that must succeed inside the jail (repeatable)' --expect\t'what the output of the --verify before it must match (repeatable)' --on-data\t'what becomes of what the jail wrote since, where it has to go back' --confirm-within\t'roll back unless jtx confirm comes within 90s, 10m, 2h or 1d' --keep-failed\t'set what a failed change left aside, to look into it' --json\t'print one JSON object' --ndjson\t'print what goes on as JSON, an object a line; the last is what --json prints' --abi\t'install for this ABI; with --osversion' --osversion\t'the OSVERSION that goes with --abi' --pkg-config\t'a pkg.conf of the host, for this change' --repo-conf-dir\t'repository files of the host, for this change' -o\t'an option for pkg (repeatable)' --option\t'an option for pkg (repeatable)' --allow-removals\t'accept that other packages are removed' --rootdir\t'for a root without a shell: unpack into it from outside (pkg -r), without any script' --scripts-on-host\t'with --rootdir: run the scripts of packages, as root on this host itself' --migrate-database\t'let the host\'s pkg migrate an older package database, for good' -h\t'display help for command' --help\t'display help for command'
            set values '--verify=nothing' '--expect=nothing' '--on-data=aside|discard|refuse' '--confirm-within=nothing' '--abi=nothing' '--osversion=nothing' '--pkg-config=file' '--repo-conf-dir=dir' '-o=nothing' '--option=nothing'
            set operands 'jail'
            set more nothing
        case 'doctor' 'aside list'
            set verbs
            set options --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values
            set operands
            set more nothing
        case 'verify'
            set verbs
            set options --verify\t'a command that must succeed besides (repeatable)' --expect\t'what the output of the --verify before it must match (repeatable)' --abi\t'what the jail is for, where its files do not say; with --osversion' --osversion\t'the OSVERSION that goes with --abi' --rootdir\t'for a root without a shell: look at it from outside, and run nothing of it' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--verify=nothing' '--expect=nothing' '--abi=nothing' '--osversion=nothing'
            set operands 'jail'
            set more nothing
        case 'run'
            set verbs
            set options --rehearse\t'do it all on a clone first, and touch the jail only if that passed' --stop\t'stop a running jail for the length of the change, and start it again' --verify\t'a command that must succeed inside the jail (repeatable)' --expect\t'what the output of the --verify before it must match (repeatable)' --on-data\t'what becomes of what the jail wrote since, where it has to go back' --confirm-within\t'roll back unless jtx confirm comes within 90s, 10m, 2h or 1d' --keep-failed\t'set what a failed change left aside, to look into it' --json\t'print one JSON object' --ndjson\t'print what goes on as JSON, an object a line; the last is what --json prints' -h\t'display help for command' --help\t'display help for command'
            set values '--verify=nothing' '--expect=nothing' '--on-data=aside|discard|refuse' '--confirm-within=nothing'
            set operands 'jail'
            set more nothing
        case 'rollback'
            set verbs
            set options --plan\t'show what would happen; nothing is changed' --on-data\t'what becomes of what the jail wrote since, where it has to go back' --discard\t'the same as --on-data discard: go back in place, and lose what is there now' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--on-data=aside|discard|refuse'
            set operands 'jail' 'to'
            set more nothing
        case 'history'
            set verbs
            set options -n\t'how many' --limit\t'how many' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '-n=nothing' '--limit=nothing'
            set operands 'jail'
            set more nothing
        case 'show' 'diff' 'aside show'
            set verbs
            set options --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values
            set operands 'transaction'
            set more nothing
        case 'status'
            set verbs
            set options --check\t'print only what needs a person, and exit with 5 where something does' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values
            set operands 'jail'
            set more nothing
        case 'aside'
            set verbs list\t'show everything that is set aside' show\t'show one, and how to look into it' drop\t'destroy one for good'
            set options -h\t'display help for command' --help\t'display help for command'
            set values
            set operands
            set more nothing
        case 'aside drop'
            set verbs
            set options --foreign\t'destroy the snapshots and bookmarks in it that jtx did not make too' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values
            set operands 'transaction'
            set more nothing
        case 'confirm'
            set verbs
            set options --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values
            set operands 'jail'
            set more nothing
        case 'backup'
            set verbs
            set options --target\t'only to this target; may be given again' --status\t'back nothing up: show where every jail stands on every target, with exit statuses of Nagios' --warn\t'with --status: from what age on a backup is a WARNING (default: 26h)' --critical\t'with --status: from what age on it is CRITICAL (default: 50h)' --proved-within\t'with --status: a WARNING where no restore has proved a backup for so long' --prometheus\t'with --status: print metrics for the textfile collector' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--target=nothing' '--warn=nothing' '--critical=nothing' '--proved-within=nothing'
            set operands
            set more jail
        case 'restore'
            set verbs
            set options --from\t'a target, or where one lies; else the newest backup of all of them' --at\t'a backup, a transaction, a time as "2 days ago"; else the newest' --as\t'beside the jail, under this name' --path\t'only this file of it' --plan\t'show what would happen; nothing is changed' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--from=nothing' '--at=nothing' '--as=nothing' '--path=nothing'
            set operands 'jail'
            set more nothing
        case 'check-backup'
            set verbs
            set options --target\t'only from this target; may be given again' --sample\t'at most so many, those first that were proved longest ago or never' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--target=nothing' '--sample=nothing'
            set operands
            set more jail
        case 'prune'
            set verbs
            set options --target\t'only on this target; may be given again' --plan\t'say what would go, and why the rest stays; destroy nothing' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--target=nothing'
            set operands
            set more jail
        case 'recover'
            set verbs
            set options --rebuild\t'first restore a lost journal from what the snapshots know' --leave\t'close one that cannot be put right, or that you have: its jail stays as it is' --json\t'print one JSON object' -h\t'display help for command' --help\t'display help for command'
            set values '--leave=transaction'
            set operands
            set more nothing
    end
end

function __jtx_complete
    set -l verb
    set -l kind
    set -l given
    set -l verbs
    set -l options
    set -l values
    set -l operands
    set -l more
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    __jtx_takes ''
    for word in $before[2..]
        if test -n "$kind" # the value of the option before it
            set kind
        else if test "$word" = -- # what follows is another program's
            return
        else if set kind (string replace -f -- "$word=" '' $values)
        else if string match -q -- '-*' $word
        else if string match -q -- "$word"\t'*' $verbs
            set -a verb $word
            __jtx_takes "$verb"
        else
            set -a given $word
        end
    end
    if test -z "$kind"
        if string match -q -- '-*' $current
            string join -- \n $options
            return
        else if test -n "$verbs" -a -z "$given"
            string join -- \n $verbs
            return
        end
        set kind $operands $more
        set -l place (math (count $given) + 1)
        set kind $kind[(math "min($place, "(count $kind)")")]
    end
    switch $kind
        case jail
            __jtx_jails
        case transaction
            __jtx_transactions
        case to
            __jtx_transactions $given[1]
        case file
            __fish_complete_path $current
        case dir
            __fish_complete_directories $current
        case nothing
        case '*'
            string split '|' $kind
    end
end

complete -c jtx -f -k -a '(__jtx_complete)'
