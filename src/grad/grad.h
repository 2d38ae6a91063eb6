/* SPDX-License-Identifier: Apache-2.0 */
/* What the derivative functions share: the check of their arguments. */
#ifndef GRAD_GRAD_H
#define GRAD_GRAD_H

#include <ketgrad/grad.h>

/* KG_ERR_ARGUMENT if there is no output, or params or inputs are missing; KG_ERR_SHAPE if the
 * observable is of another width. */
kg_status kgi_grad_validate(const kg_circuit *circuit, const kg_observable *observable,
                            const double *params, const double *inputs, kg_error *err);

#endif
