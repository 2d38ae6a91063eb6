# SPDX-License-Identifier: Apache-2.0
# Manual pages and completion: made from the tables, so they name what the help names; roff that no
# reader complains about, and a script that proposes what may stand there.
. "$3/lib.sh"

run help
commands=$(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' out.txt)
run help --man
cp out.txt ketgrad.1
for command in $commands; do
    run help --man "$command"
    mv out.txt "ketgrad-$command.1"
    page=ketgrad-$command.1
    n_checks=$((n_checks + 1))
    head -1 "$page" | grep -q "^\.TH KETGRAD.-$(echo "$command" | tr a-z A-Z) 1 " || fail "$page: no title"
    for part in NAME SYNOPSIS OPTIONS EXAMPLES 'EXIT STATUS' ENVIRONMENT FILES 'SEE ALSO'; do
        grep -q "^\.SH $part\$" "$page" || fail "$page: no $part"
    done
    grep -q "ketgrad\\\\-$command (1)" ketgrad.1 || fail "ketgrad.1 does not name $command"
    # the same options as the help page
    run help "$command"
    sed -n 's/^  \(-., \)*\(--[a-z0-9-]*\).*/\2/p' out.txt | sort >helped.txt
    sed -n 's/\\-/-/g; s/^\.B \(-., \)*\(--[a-z0-9-]*\).*/\2/p' "$page" | sort >manual.txt
    same helped.txt manual.txt
done
expect 2 'ketgrad: no command trian, did you mean train? See: ketgrad help' help --man trian
for page in *.1; do
    if command -v groff >/dev/null; then
        n_checks=$((n_checks + 1))
        groff -ww -man -z -Tutf8 "$page" 2>warnings.txt
        [ ! -s warnings.txt ] || fail "$page: $(cat warnings.txt)"
    fi
    if command -v mandoc >/dev/null; then
        n_checks=$((n_checks + 1))
        mandoc -Tlint -W warning "$page" >warnings.txt || fail "$page: $(cat warnings.txt)"
    fi
done

# complete EXPECTED WORD...: what is proposed for the last word contains the expected ones and
# nothing that does not begin with it
run help --completion bash
cp out.txt completion.bash
: >file.csv
cat >complete.bash <<'BASH'
source ./completion.bash
expected=$1
shift
COMP_WORDS=(ketgrad "$@")
COMP_CWORD=$#
_ketgrad
for word in $expected; do
    case " ${COMPREPLY[*]} " in *" $word "*) ;; *) echo "no $word for: $*"; exit 1 ;; esac
done
for word in "${COMPREPLY[@]}"; do
    case "$word" in "${!#}"*) ;; *) echo "$word for: $*"; exit 1 ;; esac
done
[ -n "$expected" ] || [ ${#COMPREPLY[@]} -eq 0 ] || { echo "${COMPREPLY[*]} for: $*"; exit 1; }
BASH
complete() {
    n_checks=$((n_checks + 1))
    bash complete.bash "$@" >said.txt 2>&1 || fail "$(cat said.txt)"
}
if command -v bash >/dev/null; then
    complete 'train' tr
    complete 'help forward' ''
    complete '--lr --lr-decay' train --lr
    complete '--dry-run' train qcnn --dry
    complete 'so4 su4' train --ansatz s
    complete 'nesterov' train --lr 0.1 --optimizer ne
    complete 'mnist' train --data mn
    complete 'file.csv' train --data f
    complete 'file.csv' forward --in f
    complete 'amplitude angle' show --encoding a
    complete 'qcnn' show q
    complete 'train' help tr
    complete '' show --trian
    complete '' train --lr 0
fi
run help --completion zsh
n_checks=$((n_checks + 1))
head -1 out.txt | grep -q '^#compdef ketgrad$' || fail "not for zsh"
expect 2 'ketgrad: --completion is "fish", did you mean "bash"? Allowed: none, bash, zsh' help --completion fish
finish
