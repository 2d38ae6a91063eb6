# SPDX-License-Identifier: Apache-2.0
# Help: a page for every command, each option line ends with its default, both examples run as they
# stand, and the pages name every option exactly once.
. "$3/lib.sh"

run version
grep -Eq '^ketgrad [0-9]+\.[0-9]+\.[0-9]+$' out.txt || fail "version says $(cat out.txt)"
cp out.txt version.txt
run --version
same out.txt version.txt
run help
cp out.txt overview.txt
run --help
same out.txt overview.txt
run
same out.txt overview.txt

commands=$(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' overview.txt)
[ "$(echo "$commands" | wc -l)" -ge 12 ] || fail "not a dozen commands: $commands"
for command in $commands; do
    run help "$command"
    mv out.txt page.txt
    run "$command" --help
    same out.txt page.txt
    run "$command" -h
    same out.txt page.txt
    grep -q "^ketgrad $command" page.txt || fail "the page of $command does not begin with it"
    grep -E '^  (-., )?--' page.txt >lines.txt || fail "no options on the page of $command"
    if grep -vE '; default [^ ]+$' lines.txt; then
        fail "$command: a line without its default"
    fi
    sed 's/^  \(-., \)*\(--[a-z0-9-]*\).*/\2/' lines.txt | sort | uniq -d >twice.txt
    [ ! -s twice.txt ] || fail "$command: named twice: $(cat twice.txt)"
    [ "$(sed -n '/^examples:/,$p' page.txt | grep -c '^  ketgrad ')" = 2 ] ||
        fail "$command: not two examples"
done

# Every model of the registry is named where a model can be given, and has a line of its own.
run help models
sed -n 's/^  \([a-z]*\)  .*/\1/p' out.txt >models.txt
[ "$(wc -l <models.txt)" -ge 7 ] || fail "help models names $(cat models.txt)"
for command in train forward show gradcheck; do
    run help "$command"
    for model in $(grep -v '^custom$' models.txt); do
        grep -Eq "^MODEL is .*\<$model\>" out.txt || fail "the page of $command does not name $model"
    done
done

# Names of choices have a line each, the same names that the option allows.
for option in loss optimizer schedule init compat; do
    run help "$option"
    sed -n 's/^  \([a-z-]*\)  .*/\1/p' out.txt | sort >listed.txt
    run help train
    sed -n "s/^  --$option NAME .*: \([a-z0-9, -]*\);.*/\1/p" out.txt | tr -d ' ' | tr ',' '\n' |
        grep -v '^auto$' | sort >allowed.txt
    same allowed.txt listed.txt
done
run help metrics
grep -q '^  log_loss  *mean' out.txt || fail 'help metrics lacks log_loss'

# The examples, in the order of the overview: demo comes first and leaves the run that others read.
for command in $commands; do
    ketgrad help "$command" | sed -n '/^examples:/,$p' | grep '^  ketgrad ' >examples.txt
    while read -r _ words; do
        n_checks=$((n_checks + 1))
        # shellcheck disable=SC2086
        "$program" $words >out.txt 2>err.txt </dev/null ||
            fail "example does not run: ketgrad $words: $(cat err.txt)"
        [ -s out.txt ] || fail "example shows nothing: ketgrad $words"
    done <examples.txt
done

# A command without any option does something sensible.
for command in forward eval predict show gradcheck runs train; do
    run "$command" --threads 1
    [ -s out.txt ] || fail "$command alone shows nothing"
done

# Quick to start: of eleven calls the fastest is under 10 ms, the shell's own work included (the
# fastest, because a busy machine says nothing about the program). Not every date knows %N.
case $(date +%N) in
*[!0-9]* | '') ;;
*)
    for _ in 1 2 3 4 5 6 7 8 9 10 11; do
        begin=$(date +%s%N)
        "$program" --version >/dev/null
        end=$(date +%s%N)
        echo $(((end - begin) / 1000))
    done | sort -n | head -n 1 >us.txt
    n_checks=$((n_checks + 1))
    [ "$(cat us.txt)" -lt 10000 ] || fail "--version takes $(cat us.txt) us"
    ;;
esac
finish
