/* SPDX-License-Identifier: Apache-2.0 */
/* How rooms use option tables. The table of kg_train_options, in src/train/options.c:
 *
 *     #define OPT(t, field, lo, hi, text, help) KGI_OPTION(kg_train_options, t, field, lo, hi, text, help)
 *     static const kgi_option rows[] = {
 *         OPT('i', epochs, 1, 1e6, "10", "passes over the training set"),
 *         OPT('d', lr, 1e-12, 10, "0.01", "step size of the optimizer"),
 *         KGI_OPTION_NAMES(kg_train_options, 'e', optimizer, "nesterov", "update rule", kg_optimizer_name),
 *     };
 *     const kg_option_table *kg_train_options_table(void)
 *     {
 *         static const kg_option_table table = KGI_OPTION_TABLE("train", rows);
 *         return &table;
 *     }
 *
 * and at the public door:
 *
 *     kg_train_options own = KG_TRAIN_OPTIONS_INIT;
 *     if (kgi_options_take(kg_train_options_table(), &own, sizeof own, options, err)) ...
 *
 * A test per table calls kgi_options_agree() so that INIT macro and default texts stay the same. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <ketgrad/options.h>

#include "base/status.h"
#include "base/text.h"

typedef kg_option kgi_option;

/* clang-format off */
#define KGI_OPTION(type, t, field, lo, hi, text, help) \
    {#field, t, offsetof(type, field), lo, hi, text, help, NULL}
#define KGI_OPTION_NAMES(type, t, field, text, help, names) \
    {#field, t, offsetof(type, field), 0, 0, text, help, names}
#define KGI_OPTION_TABLE(name, rows) {name, rows, (int)(sizeof(rows) / sizeof *(rows))}
/* clang-format on */

/* own (which the caller set by its INIT macro, own_bytes long) takes the fields of given, a struct
 * that begins with size_t struct_size and may be shorter (an older caller) or NULL; then all ranges
 * are checked. KG_ERR_ARGUMENT also for a struct_size that is larger than own or too small. */
kg_status kgi_options_take(const kg_option_table *table, void *own, size_t own_bytes,
                           const void *given, kg_error *err);

/* 1 if all fields of the struct have the default text of their row; else 0, *row the first not. */
int kgi_options_agree(const kg_option_table *table, const void *options, const kgi_option **row);

/* The JSON object of kg_options_format() added to text. */
void kgi_options_json(const kg_option_table *table, const void *options, kgi_text *text);

/* JSON pieces: a string in quotes with escapes (bytes that are not UTF-8 become U+FFFD); a number in
 * the shortest form that reads back to the same bits, whatever the locale (null if not finite). */
void kgi_text_json_string(kgi_text *text, const char *string);
void kgi_text_json_number(kgi_text *text, double x);

/* A whole number; in quotes from 2^63 on, where readers of JSON lose digits or refuse. */
void kgi_text_json_whole(kgi_text *text, uint64_t x);

#endif
