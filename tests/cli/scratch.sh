# SPDX-License-Identifier: Apache-2.0
# A folder to work in that goes away at the end, and counting what failed.
n_failed=0
work=$(mktemp -d) || exit 99
trap 'cd /; rm -rf "$work"' EXIT
cd "$work" || exit 99

fail() {
    n_failed=$((n_failed + 1))
    echo "FAILED: $*"
}
