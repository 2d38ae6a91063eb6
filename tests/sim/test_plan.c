/* SPDX-License-Identifier: Apache-2.0 */
/* The door of the engines: defaults, what is refused and with which words, and what a plan reports. */
#include "engines.h"

static void options_have_the_documented_defaults(void **state)
{
    (void)state;
    const kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    assert_int_equal(options.struct_size, sizeof options);
    assert_int_equal(options.precision, KG_PRECISION_F64);
    assert_int_equal(options.threads, 1);
    assert_int_equal(options.batch_hint, 256);
    assert_int_equal(options.fuse, 1);
    assert_null(options.engine);
    assert_null(options.kernels);
    assert_int_equal(options.max_memory_bytes, 0);
}

/* An entangled circuit of n qubits that measures Z of the last. */
typedef struct fixture {
    twin *t;
    kg_observable *z;
} fixture;

static fixture chain(int n)
{
    fixture fix = {.t = twin_create(n)};
    char word[16];
    twin_param(fix.t, KG_GATE_RX, 0, 0, 0);
    for (int q = 1; q < n; q++) {
        twin_fixed(fix.t, KG_GATE_CX, q - 1, q);
    }
    assert_ok(kg_observable_create(&fix.z, n, err));
    snprintf(word, sizeof word, "Z%d", n - 1);
    assert_ok(kg_observable_add(fix.z, 0, 1.0, word, err));
    return fix;
}

static void fixture_destroy(fixture *fix)
{
    kg_observable_destroy(fix->z);
    twin_destroy(fix->t);
}

/* <Z> of the end of the chain is cos(theta): default options, and those of an older caller whose struct
 * ended after precision. */
static void null_and_short_options(void **state)
{
    (void)state;
    fixture fix = chain(4);
    const double theta = 0.7;
    double out;
    kg_plan_options old = KG_PLAN_OPTIONS_INIT;
    old.struct_size = offsetof(kg_plan_options, threads);
    old.threads = -5; /* lies behind the end of the old struct: not read */
    old.batch_hint = -5;
    const kg_plan_options *options[2] = {NULL, &old};
    for (int i = 0; i < 2; i++) {
        twin_plan p = twin_plan_create(fix.t->circuit, fix.z, options[i]);
        kg_plan_forward(p.plan, &theta, 1, NULL, &out, p.ws);
        assert_near(out, cos(theta), 1e-15);
        twin_plan_destroy(&p);
    }
    fixture_destroy(&fix);
}

static void check_refused(const kg_circuit *circuit, const kg_observable *observable,
                          const kg_plan_options *options, kg_status status, const char *message)
{
    kg_error err = {KG_OK, ""};
    kg_plan *plan = (kg_plan *)(void *)&err; /* must become NULL */
    assert_int_equal(kg_plan_create(&plan, circuit, observable, options, &err), status);
    assert_null(plan);
    assert_int_equal(err.status, status);
    assert_string_equal(err.message, message);
    assert_int_equal(kg_plan_create(&plan, circuit, observable, options, NULL), status);
}

static void refuses_bad_options(void **state)
{
    (void)state;
    fixture fix = chain(3);
    const kg_circuit *c = fix.t->circuit;
    char message[200];
    kg_plan_options o = KG_PLAN_OPTIONS_INIT;
    o.struct_size = sizeof o + 8;
    snprintf(message, sizeof message,
             "struct_size of the plan's options is %zu, this library knows %zu", sizeof o + 8,
             sizeof o);
    check_refused(c, fix.z, &o, KG_ERR_ARGUMENT, message);
    o = (kg_plan_options)KG_PLAN_OPTIONS_INIT;
    o.precision = 2;
    check_refused(c, fix.z, &o, KG_ERR_ARGUMENT, "precision is 2, not f64 (0) or f32 (1)");
    o = (kg_plan_options)KG_PLAN_OPTIONS_INIT;
    o.threads = 0;
    check_refused(c, fix.z, &o, KG_ERR_ARGUMENT, "threads is 0, not in [1, 256]");
    o.threads = 257;
    check_refused(c, fix.z, &o, KG_ERR_ARGUMENT, "threads is 257, not in [1, 256]");
    o = (kg_plan_options)KG_PLAN_OPTIONS_INIT;
    o.batch_hint = 0;
    check_refused(c, fix.z, &o, KG_ERR_ARGUMENT, "batch_hint is 0, not at least 1");
    o = twin_options("abacus", NULL, KG_PRECISION_F64);
    int used = snprintf(message, sizeof message, "engine is \"abacus\", not one of:");
    for (int i = 0; kg_engine_get(i); i++) {
        used += snprintf(message + used, sizeof message - (size_t)used, "%s %s", i ? "," : "",
                         kg_engine_get(i));
    }
    check_refused(c, fix.z, &o, KG_ERR_ARGUMENT, message);
    o = twin_options(NULL, "mmx", KG_PRECISION_F64);
    used = snprintf(message, sizeof message,
                    "kernels \"mmx\" are not in this build or not for this CPU, which runs:");
    for (int i = 0; kg_kernels_get(i); i++) {
        used += snprintf(message + used, sizeof message - (size_t)used, "%s %s", i ? "," : "",
                         kg_kernels_get(i));
    }
    check_refused(c, fix.z, &o, KG_ERR_UNSUPPORTED, message);
    o = twin_options("reference", NULL, KG_PRECISION_F32);
    check_refused(c, fix.z, &o, KG_ERR_UNSUPPORTED, "engine \"reference\" computes in f64 only");
    fixture_destroy(&fix);
}

static void refuses_bad_shapes(void **state)
{
    (void)state;
    fixture fix = chain(3), wide = chain(4);
    check_refused(fix.t->circuit, wide.z, NULL, KG_ERR_SHAPE,
                  "the circuit has 3 qubits, the observable 4");
    kg_observable *none = NULL;
    assert_ok(kg_observable_create(&none, 3, err));
    check_refused(fix.t->circuit, none, NULL, KG_ERR_ARGUMENT,
                  "the observable has no output, needs at least 1");
    kg_observable_destroy(none);
    fixture_destroy(&fix);
    fixture_destroy(&wide);
}

/* Widths at which sizes overflow somewhere are refused before anything is allocated. */
static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    static const int widths[] = {31, 32, 33, 59, 60, 63, 64};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        fixture fix = chain(widths[i]);
        char message[100];
        snprintf(message, sizeof message,
                 "%d qubits lie inside the light cone, engines take up to 30", widths[i]);
        check_refused(fix.t->circuit, fix.z, NULL, KG_ERR_UNSUPPORTED, message);
        fixture_destroy(&fix);
    }
    fixture fix = chain(16);
    kg_error why = {KG_OK, ""};
    kg_plan *plan = NULL;
    kg_plan_options o = KG_PLAN_OPTIONS_INIT;
    o.max_memory_bytes = 1000000;
    assert_int_equal(kg_plan_create(&plan, fix.t->circuit, fix.z, &o, &why), KG_ERR_MEMORY);
    assert_null(plan);
    double needed = 0.0;
    assert_int_equal(sscanf(why.message, "the workspace needs %lf MB, allowed are 1.0 MB", &needed),
                     1);
    assert_true(needed > 1.0);
    assert_non_null(strstr(why.message, "allowed are 1.0 MB; fewer threads or f32 need less"));
    o.max_memory_bytes = (size_t)(needed * 1e6) + 100000; /* the figure is the truth */
    assert_ok(kg_plan_create(&plan, fix.t->circuit, fix.z, &o, err));
    kg_plan_destroy(plan);
    fixture_destroy(&fix);
}

/* What lies outside the light cone costs nothing: 64 qubits, of which three matter. */
static void wide_circuit_with_a_narrow_cone(void **state)
{
    (void)state;
    const double theta = 0.7, one = 1.0;
    double out, d_theta = 0.0;
    kg_plan_report report;
    fixture fix = chain(64);
    kg_observable *z1 = NULL;
    assert_ok(kg_observable_create(&z1, 64, err));
    assert_ok(kg_observable_add(z1, 0, 1.0, "Z1", err));
    twin_plan p = twin_plan_create(fix.t->circuit, z1, NULL);
    kg_plan_get_report(p.plan, &report);
    assert_int_equal(report.n_qubits, 64);
    assert_int_equal(report.n_active, 3); /* qubit 1, and its neighbours by two CX */
    kg_plan_forward(p.plan, &theta, 1, NULL, &out, p.ws);
    kg_plan_backward(p.plan, &theta, 1, NULL, &one, &d_theta, NULL, p.ws);
    assert_near(out, cos(theta), 1e-15);
    assert_near(d_theta, -sin(theta), 1e-15);
    twin_plan_destroy(&p);
    kg_observable_destroy(z1);
    fixture_destroy(&fix);
}

static void workspace_must_be_large_enough(void **state)
{
    (void)state;
    fixture fix = chain(3);
    kg_error err = {KG_OK, ""};
    char message[100];
    unsigned char memory[16];
    kg_workspace *ws = (kg_workspace *)(void *)memory;
    twin_plan p = twin_plan_create(fix.t->circuit, fix.z, NULL);
    const size_t needed = kg_plan_workspace_bytes(p.plan);
    snprintf(message, sizeof message, "a workspace of 16 bytes, the plan needs %zu", needed);
    assert_int_equal(kg_workspace_init(&ws, p.plan, memory, sizeof memory, &err), KG_ERR_SHAPE);
    assert_null(ws);
    assert_string_equal(err.message, message);
    assert_int_equal(kg_workspace_init(&ws, p.plan, memory, needed - 1, &err), KG_ERR_SHAPE);
    twin_plan_destroy(&p);
    fixture_destroy(&fix);
    kg_plan_destroy(NULL);
    kg_workspace_destroy(NULL);
}

static void report_tells_what_runs(void **state)
{
    (void)state;
    const engine_list engines = engines_all();
    fixture fix = chain(5);
    for (int e = 0; e < engines.n; e++) {
        kg_plan_report report;
        twin_plan p = engines_plan(&engines.config[e], fix.t->circuit, fix.z);
        kg_plan_get_report(p.plan, &report);
        assert_int_equal(report.threads, 1);
        assert_int_equal(report.n_qubits, 5);
        assert_int_equal(report.n_active, 5);
        assert_true(report.n_tail >= 0 && report.n_tail <= report.n_blocks);
        assert_true(report.n_units <= report.n_blocks + 5); /* and a start unit per qubit */
        assert_int_equal(report.workspace_bytes, kg_plan_workspace_bytes(p.plan));
        if (strcmp(report.engine, "tile") == 0) {
            assert_true(report.tile >= 8 && report.forward_flops > 0.0);
            assert_true(report.backward_flops > report.forward_flops);
        }
        if (!engines.config[e].options.fuse) {
            assert_int_equal(report.n_tail, 0);
        }
        twin_plan_destroy(&p);
    }
    fixture_destroy(&fix);
}

static void kernel_sets_have_names_and_speeds(void **state)
{
    (void)state;
    int n = 0;
    while (kg_kernels_get(n)) {
        n++;
    }
    assert_true(n >= 1);
    assert_string_equal(kg_kernels_get(n - 1), "portable");
    assert_null(kg_kernels_get(-1));
    for (int k = 0; k < n; k++) {
        const double f64 = kg_kernels_peak_flops(kg_kernels_get(k), KG_PRECISION_F64);
        const double f32 = kg_kernels_peak_flops(kg_kernels_get(k), KG_PRECISION_F32);
        assert_true(f64 > 1e8 && f64 < 1e13);
        assert_true(f32 > f64); /* twice as many lanes */
    }
    assert_true(kg_kernels_peak_flops("mmx", KG_PRECISION_F64) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_the_documented_defaults),
        cmocka_unit_test(null_and_short_options),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(refuses_bad_shapes),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(wide_circuit_with_a_narrow_cone),
        cmocka_unit_test(workspace_must_be_large_enough),
        cmocka_unit_test(report_tells_what_runs),
        cmocka_unit_test(kernel_sets_have_names_and_speeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
