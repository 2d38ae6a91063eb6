/* SPDX-License-Identifier: Apache-2.0 */
/* A unit's matrix and its derivative, against products of gate matrices and against differences. */
#include <ketgrad/rng.h>

#include <string.h>

#include "compile/matrix.h"
#include "compile/program.h"
#include "near.h"

enum { N_PARAMS = 10 };

/* One block of random gates with parameters on qubits 0 and 1, with shared and scaled slots. */
static kgi_program *random_unit(uint64_t seed, kg_circuit **circuit)
{
    kg_error err;
    kg_observable *observable;
    kgi_program *program;
    assert_int_equal(kg_circuit_create(circuit, 2, &err), KG_OK);
    const int first[] = {0, 1};
    assert_int_equal(kg_circuit_add_gate(*circuit, KG_GATE_CX, first, NULL, &err), KG_OK);
    for (uint64_t i = 0; i < 12; i++) {
        const uint32_t at = (uint32_t)(8 * i);
        const kg_gate gate = (kg_gate)kg_random_below(seed, KG_STREAM_TEST, at, 0, KG_GATE_CCX);
        const int a = (int)kg_random_below(seed, KG_STREAM_TEST, at, 1, 2);
        const int qubits[] = {a, 1 - a};
        kg_slot slots[3];
        for (int k = 0; k < 3; k++) {
            const uint64_t draw = 2 + (uint64_t)k;
            slots[k] = (kg_slot){KG_SLOT_PARAM,
                                 (int)kg_random_below(seed, KG_STREAM_TEST, at + 1, draw, N_PARAMS),
                                 kg_random_normal(seed, KG_STREAM_TEST, at + 2, draw),
                                 kg_random_normal(seed, KG_STREAM_TEST, at + 3, draw)};
        }
        assert_int_equal(kg_circuit_add_gate(*circuit, gate, qubits,
                                             kg_gate_n_params(gate) ? slots : NULL, &err),
                         KG_OK);
    }
    assert_int_equal(kg_observable_create(&observable, 2, &err), KG_OK);
    assert_int_equal(kg_observable_add(observable, 0, 1.0, "X0 Y1", &err), KG_OK);
    assert_int_equal(kgi_program_create(&program, *circuit, observable, 1, 1, &err), KG_OK);
    kg_observable_destroy(observable);
    return program;
}

static void fill(double *x, int n, uint64_t seed, uint32_t sample)
{
    for (int i = 0; i < n; i++) {
        x[i] = kg_random_normal(seed, KG_STREAM_TEST, sample, (uint64_t)i);
    }
}

/* 12 to 40 gates with entries below 1: a few eps each, far below 1e-13. */
static void matrix_is_unitary(void **state)
{
    const uint64_t seed = near_seed(5);
    (void)state;
    for (uint64_t round = 0; round < 100; round++) {
        kg_circuit *circuit;
        kgi_program *program = random_unit(seed + round, &circuit);
        assert_int_equal(program->n_blocks, 1);
        double params[N_PARAMS];
        double u[KGI_UNIT_REALS];
        double dagger[KGI_UNIT_REALS];
        fill(params, N_PARAMS, seed, 7);
        const kgi_unit *unit = &program->units[program->steps[program->n_steps - 1].unit];
        kgi_unit_matrix(program, unit, params, NULL, u);
        kgi_mat_dagger(4, u, dagger);
        kgi_mat_mul(4, dagger, u, u);
        for (int i = 0; i < KGI_UNIT_REALS; i++) {
            assert_near(u[i], i % 10 == 0 ? 1.0 : 0.0, 1e-13); /* the diagonal is every tenth */
        }
        kgi_program_destroy(program);
        kg_circuit_destroy(circuit);
    }
}

/* f(params) = 2 Re <lambda| U |phi> for fixed states; its derivative through the environment
 * X = (rho - rho^dagger) / 2i, rho = U|phi><lambda|. Central differences with h = 1e-5 and up to 40
 * uses of a parameter with scales of a few: truncation below 1e-8, rounding 1e-10. */
static void environment_gives_the_derivative(void **state)
{
    const uint64_t seed = near_seed(11);
    (void)state;
    for (uint64_t round = 0; round < 50; round++) {
        kg_circuit *circuit;
        kgi_program *program = random_unit(seed + round, &circuit);
        const kgi_unit *unit = &program->units[program->steps[program->n_steps - 1].unit];
        double params[N_PARAMS];
        double phi[8];
        double lambda[8];
        double d_params[N_PARAMS] = {0};
        fill(params, N_PARAMS, seed, 1000 + (uint32_t)round);
        fill(phi, 8, seed, 2000 + (uint32_t)round);
        fill(lambda, 8, seed, 3000 + (uint32_t)round);
        double f[3];
        double u[KGI_UNIT_REALS];
        double env[KGI_UNIT_REALS];
        kgi_unit_matrix(program, unit, params, NULL, u);
        double psi[8] = {0};
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                const double *m = u + 2 * (4 * i + j);
                psi[2 * i] += m[0] * phi[2 * j] - m[1] * phi[2 * j + 1];
                psi[2 * i + 1] += m[0] * phi[2 * j + 1] + m[1] * phi[2 * j];
            }
        }
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) { /* rho_ij = psi_i conj(lambda_j) */
                const double ij_re =
                    psi[2 * i] * lambda[2 * j] + psi[2 * i + 1] * lambda[2 * j + 1];
                const double ij_im =
                    psi[2 * i + 1] * lambda[2 * j] - psi[2 * i] * lambda[2 * j + 1];
                const double ji_re =
                    psi[2 * j] * lambda[2 * i] + psi[2 * j + 1] * lambda[2 * i + 1];
                const double ji_im =
                    psi[2 * j + 1] * lambda[2 * i] - psi[2 * j] * lambda[2 * i + 1];
                env[2 * (4 * i + j)] = 0.5 * (ij_im + ji_im);
                env[2 * (4 * i + j) + 1] = -0.5 * (ij_re - ji_re);
            }
        }
        kgi_unit_backward(program, unit, params, NULL, env, d_params, NULL);
        for (int p = 0; p < N_PARAMS; p++) {
            const double h = 1e-5;
            const double kept = params[p];
            for (int side = 0; side < 2; side++) {
                params[p] = kept + (side ? h : -h);
                kgi_unit_matrix(program, unit, params, NULL, u);
                f[side] = 0;
                for (int i = 0; i < 4; i++) {
                    for (int j = 0; j < 4; j++) {
                        const double *m = u + 2 * (4 * i + j);
                        const double re = m[0] * phi[2 * j] - m[1] * phi[2 * j + 1];
                        const double im = m[0] * phi[2 * j + 1] + m[1] * phi[2 * j];
                        f[side] += 2 * (lambda[2 * i] * re + lambda[2 * i + 1] * im);
                    }
                }
            }
            params[p] = kept;
            assert_near(d_params[p], (f[1] - f[0]) / (2 * h), 1e-7 * (1 + fabs(d_params[p])));
        }
        kgi_program_destroy(program);
        kg_circuit_destroy(circuit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrix_is_unitary),
        cmocka_unit_test(environment_gives_the_derivative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
