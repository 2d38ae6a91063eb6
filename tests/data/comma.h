/* SPDX-License-Identifier: Apache-2.0 */
/* A locale that writes 1,5 for one and a half: what readers of numbers must not notice. */
#ifndef TESTS_DATA_COMMA_H
#define TESTS_DATA_COMMA_H

#include <locale.h>

#include "near.h"

/* Runs `check` under it where it is installed. */
static inline void with_decimal_comma(void (*check)(void))
{
    const char *found = setlocale(LC_ALL, "de_DE.UTF-8");
    print_message("locale: %s\n", found ? found : "C (de_DE.UTF-8 is not installed)");
    check();
    setlocale(LC_ALL, "C");
}

#endif
