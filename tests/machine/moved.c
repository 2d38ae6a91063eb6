/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before a test program: it behaves as one that has called setlocale(), as many programs that use a
 * library have. KG_LOCALE names the locale. Other programs are left alone: ketgrad never calls it. */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void move(void)
{
    const char *name = getenv("KG_LOCALE");
    const char *program = program_invocation_short_name;
    if (!name || strncmp(program, "test_", 5) != 0) {
        return;
    }
    /* what the system says about a file is in the program's language, and that is as it should be; the tests
     * know the English words */
    if (!setlocale(LC_ALL, name) || !setlocale(LC_MESSAGES, "C")) {
        fprintf(stderr, "%s: there is no locale %s\n", program, name);
        _Exit(99);
    }
}
