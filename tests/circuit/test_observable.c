/* SPDX-License-Identifier: Apache-2.0 */
/* Observables: words in and out, outputs, refusals. */
#include "support.h"

static kg_observable *create(int n_qubits)
{
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, n_qubits, err));
    return observable;
}

static void width_is_checked(void **state)
{
    (void)state;
    kg_observable *observable = (kg_observable *)&state;
    assert_fails(kg_observable_create(&observable, 0, err), KG_ERR_ARGUMENT,
                 "n_qubits is 0, not in [1, 64]");
    assert_null(observable);
    assert_fails(kg_observable_create(&observable, 65, err), KG_ERR_ARGUMENT,
                 "n_qubits is 65, not in [1, 64]");
    kg_observable_destroy(NULL);
}

static void words_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        uint64_t x, z;
        const char *written;
    } words[] = {
        {"Z4", 0, 1u << 4, "Z4"},
        {"X0 Y2", 5, 4, "X0 Y2"},
        {"  Y2   X0 ", 5, 4, "X0 Y2"},
        {"I", 0, 0, "I"},
        {"I3 Z63", 0, (uint64_t)1 << 63, "Z63"},
        {"I I", 0, 0, "I"},
        {"Y10 Z1", 1u << 10, 1u << 10 | 2, "Z1 Y10"},
    };
    kg_observable *observable = create(64);
    for (int i = 0; i < (int)(sizeof words / sizeof words[0]); i++) {
        char text[KGI_WORD_SIZE];
        assert_ok(kg_observable_add(observable, i, 0.5 + i, words[i].word, err));
        const kgi_word *word = observable->measured[i].words;
        assert_true(word->x == words[i].x && word->z == words[i].z);
        assert_true(word->coefficient == 0.5 + i);
        kgi_word_format(word, text);
        assert_string_equal(text, words[i].written);
    }
    assert_int_equal(kg_observable_n_outputs(observable), 7);
    kg_observable_destroy(observable);
}

static void the_longest_word_fits_its_text(void **state)
{
    (void)state;
    char text[KGI_WORD_SIZE];
    const kgi_word word = {~(uint64_t)0, ~(uint64_t)0, 1.0};
    kgi_word_format(&word, text);
    assert_int_equal(strlen(text), 10 * 2 + 54 * 3 + 63);
}

static void outputs_collect_words_and_probabilities(void **state)
{
    (void)state;
    kg_observable *observable = create(6);
    assert_true(kgi_observable_mask(observable) == 0);
    assert_ok(kg_observable_add(observable, 0, 1.0, "Z4", err));
    assert_ok(kg_observable_add_probs(observable, 2, (const int[]){5, 1}, err));
    assert_ok(kg_observable_add(observable, 5, -2.0, "X0 Y4", err));
    assert_ok(kg_observable_add(observable, 5, 0.5, "I", err));
    assert_ok(kg_observable_add(observable, 5, 0.25, "Y4 X0", err)); /* the same word again */
    assert_ok(kg_observable_add(observable, 0, 3.0, "Z3", err));
    assert_int_equal(kg_observable_n_outputs(observable), 6);
    assert_int_equal(observable->n_measured, 3);
    assert_int_equal(observable->measured[0].n_words, 2);
    assert_int_equal(observable->measured[1].n_words, 0);
    assert_int_equal(observable->measured[1].m, 2);
    assert_int_equal(observable->measured[1].qubits[0], 5);
    assert_int_equal(observable->measured[1].qubits[1], 1);
    assert_int_equal(observable->measured[2].n_words, 2);
    assert_true(observable->measured[2].words[0].coefficient == -1.75);
    assert_true(kgi_observable_mask(observable) == 0x3b); /* 0 1 3 4 5 */
    kg_observable_destroy(observable);
}

static void bad_words_are_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "word \"\" has no letters; the identity is written I"},
        {"  ", "word \"  \" has no letters; the identity is written I"},
        {"z4", "word \"z4\": 'z' is not one of the letters I, X, Y, Z"},
        {"X0*Z1", "word \"X0*Z1\": X is not followed by a qubit in [0, 5]"},
        {"Z", "word \"Z\": Z is not followed by a qubit in [0, 5]"},
        {"Z 4", "word \"Z 4\": Z is not followed by a qubit in [0, 5]"},
        {"Z6", "word \"Z6\": Z is not followed by a qubit in [0, 5]"},
        {"Z-1", "word \"Z-1\": Z is not followed by a qubit in [0, 5]"},
        {"Z99999999999999999999",
         "word \"Z99999999999999999999\": Z is not followed by a qubit in [0, 5]"},
        {"X0Z1", "word \"X0Z1\": X is not followed by a qubit in [0, 5]"},
        {"X2 Z2", "word \"X2 Z2\": qubit 2 is named twice"},
        {"I2 Z2", "word \"I2 Z2\": qubit 2 is named twice"},
    };
    kg_observable *observable = create(6);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fails(kg_observable_add(observable, 0, 1.0, cases[i][0], err), KG_ERR_ARGUMENT,
                     cases[i][1]);
    }
    assert_int_equal(kg_observable_n_outputs(observable), 0);
    kg_observable_destroy(observable);
}

static void outputs_and_probabilities_are_checked(void **state)
{
    (void)state;
    kg_observable *observable = create(3);
    kg_observable *wide = create(64);
    int many[25];
    for (int i = 0; i < 25; i++) {
        many[i] = i;
    }
    assert_fails(kg_observable_add(observable, 1, 1.0, "Z0", err), KG_ERR_ARGUMENT,
                 "output is 1, not in [0, 0]");
    assert_fails(kg_observable_add(observable, -1, 1.0, "Z0", err), KG_ERR_ARGUMENT,
                 "output is -1, not in [0, 0]");
    assert_fails(kg_observable_add(observable, 0, INFINITY, "Z0", err), KG_ERR_NUMERIC,
                 "word \"Z0\": coefficient is inf, not finite");
    assert_fails(kg_observable_add_probs(observable, 0, many, err), KG_ERR_ARGUMENT,
                 "probabilities: m is 0, not in [1, 3]");
    assert_fails(kg_observable_add_probs(observable, 4, many, err), KG_ERR_ARGUMENT,
                 "probabilities: m is 4, not in [1, 3]");
    assert_fails(kg_observable_add_probs(wide, 25, many, err), KG_ERR_ARGUMENT,
                 "probabilities: m is 25, not in [1, 24]");
    assert_fails(kg_observable_add_probs(observable, 2, (const int[]){0, 3}, err), KG_ERR_ARGUMENT,
                 "probabilities: qubit 3 is not in [0, 2]");
    assert_fails(kg_observable_add_probs(observable, 2, (const int[]){1, 1}, err), KG_ERR_ARGUMENT,
                 "probabilities: qubit 1 is named twice");
    assert_int_equal(kg_observable_n_outputs(observable), 0);
    assert_ok(kg_observable_add_probs(observable, 2, many, err));
    assert_fails(kg_observable_add(observable, 3, 1.0, "Z0", err), KG_ERR_ARGUMENT,
                 "output 3 is a probability, no word can be added");
    for (int i = 0; i < 63; i++) { /* 63 * 2^24 outputs, a description only */
        assert_ok(kg_observable_add_probs(wide, 24, many, err));
    }
    assert_ok(kg_observable_add(wide, 63 << 24, 1.0, "Z0", err));
    assert_fails(kg_observable_add_probs(wide, 24, many, err), KG_ERR_MEMORY,
                 "an observable has at most 1073741824 outputs");
    kg_observable_destroy(observable);
    kg_observable_destroy(wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_is_checked),
        cmocka_unit_test(words_are_read_and_written),
        cmocka_unit_test(the_longest_word_fits_its_text),
        cmocka_unit_test(outputs_collect_words_and_probabilities),
        cmocka_unit_test(bad_words_are_named),
        cmocka_unit_test(outputs_and_probabilities_are_checked),
    };
    return cmocka_run_group_tests_name("circuit/observable", tests, NULL, NULL);
}
