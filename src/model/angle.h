/* SPDX-License-Identifier: Apache-2.0 */
/* Angles of gates as text: "p0", "pi*x1", "2*x0+pi/2", "-0.5". */
#ifndef MODEL_ANGLE_H
#define MODEL_ANGLE_H

#include <ketgrad/circuit.h>

enum { KGI_MAX_ANGLE_INDEX = 65535, KGI_NEXT_INDEX = -1 };

/* Reads text[length]: a sum of products of numbers, pi, and at most one p<i> (parameter) or x<i> (input),
 * without blanks; p and x without a number are KGI_NEXT_INDEX. Returns NULL, or what is wrong with it. */
const char *kgi_angle_parse(const char *text, size_t length, kg_slot *slot);

#endif
