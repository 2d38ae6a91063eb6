/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which this build and this CPU can run a plan, as a list for the tests to loop over. */
#ifndef TESTS_ENGINES_H
#define TESTS_ENGINES_H

#include "twin.h"

enum { ENGINES_MAX = 64 };

typedef struct engine_config {
    char name[40];
    kg_plan_options options;
    double value_tolerance;    /* of an expectation value, times sqrt(2^n) in f64 */
    double gradient_tolerance; /* of a derivative by an angle with scale <= 1 */
} engine_config;

typedef struct engine_list {
    int n;
    engine_config config[ENGINES_MAX];
} engine_list;

/* The bars that every engine has to pass. f64: values 1e-14 sqrt(2^n), gradients 1e-12. f32: values
 * 2e-6, gradients 1e-5 (eps = 6e-8; some tens of fused blocks, each a sum of four products). */
static inline void engines_add(engine_list *list, const char *engine, const char *kernels,
                               int precision, int fuse)
{
    assert_true(list->n < ENGINES_MAX);
    engine_config *c = &list->config[list->n++];
    snprintf(c->name, sizeof c->name, "%s%s%s %s%s", engine, kernels ? "/" : "",
             kernels ? kernels : "", precision == KG_PRECISION_F32 ? "f32" : "f64",
             fuse ? "" : " unfused");
    c->options = twin_options(engine, kernels, precision);
    c->options.fuse = fuse;
    c->value_tolerance = precision == KG_PRECISION_F32 ? 2e-6 : 1e-14;
    c->gradient_tolerance = precision == KG_PRECISION_F32 ? 1e-5 : 1e-12;
}

/* The reference, and the engines for exact states in all kernel sets of this CPU, both precisions, fused or
 * not. */
static inline engine_list engines_all(void)
{
    engine_list list = {0};
    engines_add(&list, "reference", NULL, KG_PRECISION_F64, 1);
    for (int k = 0; kg_kernels_get(k); k++) {
        for (int fuse = 1; fuse >= 0; fuse--) {
            engines_add(&list, "tile", kg_kernels_get(k), KG_PRECISION_F64, fuse);
            engines_add(&list, "tile", kg_kernels_get(k), KG_PRECISION_F32, fuse);
            engines_add(&list, "state", kg_kernels_get(k), KG_PRECISION_F64, fuse);
            engines_add(&list, "state", kg_kernels_get(k), KG_PRECISION_F32, fuse);
        }
    }
    return list;
}

/* These and the Pauli-vector engine, which wants inputs before parameters on each qubit and blocks of at
 * most three qubits: networks behind an encoding. */
static inline engine_list engines_of_networks(void)
{
    engine_list list = engines_all();
    for (int k = 0; kg_kernels_get(k); k++) {
        for (int fuse = 1; fuse >= 0; fuse--) {
            engines_add(&list, "pauli", kg_kernels_get(k), KG_PRECISION_F64, fuse);
            engines_add(&list, "pauli", kg_kernels_get(k), KG_PRECISION_F32, fuse);
        }
    }
    return list;
}

/* All engines that can run this circuit. */
static inline engine_list engines_for(const kg_circuit *circuit, const kg_observable *observable)
{
    const kg_plan_options options = twin_options("pauli", NULL, KG_PRECISION_F64);
    kg_error err = {KG_OK, ""};
    kg_plan *plan = NULL;
    const kg_status status = kg_plan_create(&plan, circuit, observable, &options, &err);
    kg_plan_destroy(plan);
    if (status && status != KG_ERR_UNSUPPORTED) {
        print_error("engine \"pauli\": %s\n", err.message);
        fail();
    }
    return status ? engines_all() : engines_of_networks();
}

/* 1 if the configuration computes in f64. */
static inline int engines_is_f64(const engine_config *config)
{
    return config->options.precision == KG_PRECISION_F64;
}

/* A plan of this configuration, which really runs what it was asked for. */
static inline twin_plan engines_plan(const engine_config *config, const kg_circuit *circuit,
                                     const kg_observable *observable)
{
    kg_plan_report report;
    twin_plan p = twin_plan_create(circuit, observable, &config->options);
    kg_plan_get_report(p.plan, &report);
    assert_string_equal(report.engine, config->options.engine);
    assert_int_equal(report.precision, config->options.precision);
    if (config->options.kernels) {
        assert_string_equal(report.kernels, config->options.kernels);
    }
    return p;
}

static inline void engines_near(const engine_config *config, const char *what, double got,
                                double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance)) {
        print_error("%s: %s is %.17g, expected %.17g, difference %.3g, tolerance %.3g\n",
                    config->name, what, got, expected, got - expected, tolerance);
        fail();
    }
}

#endif
