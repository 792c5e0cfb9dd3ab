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
@table@
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
