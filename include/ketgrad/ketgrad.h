/* SPDX-License-Identifier: Apache-2.0 */
/* All of ketgrad: quantum neural networks, compiled, differentiated and measured.
 *
 *     kg_circuit_create(&circuit, 8, &err);             what to do
 *     kg_observable_create(&observable, 8, &err);       what to measure
 *     kg_plan_create(&plan, circuit, observable, NULL, &err);
 *     kg_workspace_create(&ws, plan, &err);             whatever can fail has failed by now
 *     kg_plan_forward(plan, params, n_batch, inputs, out, ws);
 *     kg_plan_backward(plan, params, n_batch, inputs, d_out, d_params, NULL, ws);
 */
#ifndef KETGRAD_KETGRAD_H
#define KETGRAD_KETGRAD_H

#include "circuit.h"
#include "config.h"
#include "data.h"
#include "eval.h"
#include "grad.h"
#include "model.h"
#include "options.h"
#include "preflight.h"
#include "report.h"
#include "rng.h"
#include "sim.h"
#include "status.h"
#include "train.h"

#endif
