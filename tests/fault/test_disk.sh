# SPDX-License-Identifier: Apache-2.0
. "$3/lib.sh"
finish
