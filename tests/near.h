/* SPDX-License-Identifier: Apache-2.0 */
/* What cmocka lacks: comparing doubles with a tolerance that the test derives, printing both. */
#ifndef TESTS_NEAR_H
#define TESTS_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define assert_near(got, expected, tolerance)                                                      \
    near_check((got), (expected), (tolerance), #got, __FILE__, __LINE__)

static inline void near_check(double got, double expected, double tolerance, const char *what,
                              const char *file, int line)
{
    if (!(fabs(got - expected) <= tolerance)) {
        print_error("%s is %.17g, expected %.17g, difference %.3g, tolerance %.3g\n", what, got,
                    expected, got - expected, tolerance);
        _fail(file, line);
    }
}

/* Seed of the randomised tests: KG_SEED if it is set, else the fixed one. Printed first. */
static inline uint64_t near_seed(uint64_t fixed)
{
    const char *text = getenv("KG_SEED");
    const uint64_t seed = text ? strtoull(text, NULL, 10) : fixed;
    print_message("seed=%llu\n", (unsigned long long)seed);
    return seed;
}

#endif
