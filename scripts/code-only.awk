# SPDX-License-Identifier: Apache-2.0
# C without comments and without the text inside quotes, for the checks: "file:line:code" per line.
# Usage: awk -f scripts/code-only.awk FILE...
FNR == 1 {
    in_comment = 0
}
{
    code = ""
    quote = ""
    n = length($0)
    for (i = 1; i <= n; i++) {
        c = substr($0, i, 1)
        two = substr($0, i, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\") {
                i++
            } else if (c == quote) {
                quote = ""
                code = code c
            }
        } else if (two == "/*") {
            in_comment = 1
            code = code " "
            i++
        } else if (two == "//") {
            break
        } else {
            if (c == "\"" || c == "'") {
                quote = c
            }
            code = code c
        }
    }
    if (code ~ /[^ \t]/) {
        print FILENAME ":" FNR ":" code
    }
}
