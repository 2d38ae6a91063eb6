/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad show: the circuit of a model as a drawing, with what it costs. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum { MAX_PATH = 4096 };

static kg_model_options model_options = KG_MODEL_OPTIONS_INIT;

static struct {
    const char *svg;
    int ascii;
    int width;
    int n_classes;
} args = {.n_classes = 2};

static const kg_option_table *show_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"svg", 'p', offsetof(__typeof__(args), svg), 0, 0, NULL, "file that gets the drawing as SVG; of several circuits each FILE-LAYER.svg", NULL},
        {"ascii", 'b', offsetof(__typeof__(args), ascii), 0, 1, "false", "draw with ASCII characters only", NULL},
        {"n-classes", 'i', offsetof(__typeof__(args), n_classes), 2, 1024, "2", "classes that a model of the registry tells apart", NULL},
        {"width", 'i', offsetof(__typeof__(args), width), 0, 100000, "0", "columns of the drawing; 0: of the terminal, else 120", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"show", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

/* A saved model has its options: none that is given here could be heard. */
static kg_status refuse_options(const char *name, kg_error *err)
{
    const kg_option_table *tables[] = {kg_model_options_table(), show_table()};
    const void *options[] = {&model_options, &args};
    for (int t = 0; t < 2; t++) {
        for (int r = 0; r < tables[t]->n_rows; r++) {
            const kg_option *row = &tables[t]->rows[r];
            char flag[CLI_FLAG_SIZE];
            if ((t == 0 || !strcmp(row->name, "n-classes")) && cli_is_given(options[t], row)) {
                cli_option_flag(row, flag);
                return cli_fail(err, KG_ERR_ARGUMENT, "%s: a saved model is as it is: leave %s out",
                                name, flag);
            }
        }
    }
    return KG_OK;
}

/* A name of the registry, built on features as they are; everything else is a run. */
static kg_status get_model(int n_arguments, char **arguments, kg_model **model, kg_error *err)
{
    const char *name = cli_model_name(n_arguments, arguments);
    for (int i = 0; kg_model_kind_get(i); i++) {
        if (!strcmp(name, kg_model_kind_get(i))) {
            model_options.threads = cli_threads();
            const kg_status status = kg_model_create(model, name, &model_options, err);
            return status ? status : kg_model_build(*model, 0, args.n_classes, NULL, err);
        }
    }
    struct stat info;
    if (!strchr(name, '/') && stat(name, &info)) { /* no path: the registry says what there is */
        return kg_model_create(model, name, &model_options, err);
    }
    kg_run_record *record = NULL;
    kg_status status = refuse_options(name, err);
    if (!status) {
        status = cli_load_run(n_arguments, arguments, model, &record, err);
    }
    kg_run_record_destroy(record);
    return status;
}

static void print_facts_json(const kg_model *model, const kg_plan_report *plan)
{
    FILE *out = cli_results();
    const kg_circuit *circuit = kg_model_circuit(model);
    (void)fputs("{\"model\": ", out);
    cli_json_string(out, kg_model_name(model));
    (void)fprintf(out, ", \"params\": %d, \"features\": %d, \"outputs\": %d",
                  kg_model_n_params(model), kg_model_n_features(model), kg_model_n_outputs(model));
    if (circuit) {
        (void)fprintf(out,
                      ",\n \"qubits\": %d, \"operations\": %d, \"depth\": %d, "
                      "\"two_qubit_gates\": %d,\n \"forward_flops\": %.17g, \"gradient_flops\": "
                      "%.17g, \"fused_blocks\": %d",
                      kg_circuit_n_qubits(circuit), kg_circuit_n_ops(circuit),
                      kg_circuit_depth(circuit), kg_circuit_n_entangling(circuit),
                      plan->forward_flops, plan->backward_flops, plan->n_blocks);
    }
    (void)fputs(",\n \"layers\": [", out);
    kg_model_layer layer;
    for (int i = 0; kg_model_get_layer(model, i, &layer); i++) {
        (void)fputs(i ? ",\n  {\"name\": " : "{\"name\": ", out);
        cli_json_string(out, layer.name);
        (void)fputs(", \"kind\": ", out);
        cli_json_string(out, layer.kind);
        (void)fprintf(out, ", \"shape\": [%d, %d, %d], \"params\": %d}", layer.channels,
                      layer.height, layer.width, layer.n_params);
    }
    (void)fputs("],\n \"segments\": [", out);
    kg_segment segment;
    for (int i = 0; kg_model_get_segment(model, i, &segment); i++) {
        (void)fputs(i ? ", {\"name\": " : "{\"name\": ", out);
        cli_json_string(out, segment.name);
        (void)fprintf(out, ", \"first\": %d, \"n\": %d}", segment.first, segment.n);
    }
    (void)fputs("]}\n", out);
}

/* One line for each layer of a network: its shape and parameters, and what its circuit has. */
static void print_layers(const kg_model *model)
{
    FILE *out = cli_results();
    kg_model_layer layer;
    for (int i = 0; kg_model_get_layer(model, i, &layer); i++) {
        char shape[48];
        (void)snprintf(shape, sizeof shape, "%d x %d x %d", layer.channels, layer.height,
                       layer.width);
        (void)fprintf(out, "%-18s%-21s%-10s%-16s%8d", i ? "" : "layers", layer.name, layer.kind,
                      shape, layer.n_params);
        if (layer.circuit) {
            (void)fprintf(out, "  %d qubits, %d operations", kg_circuit_n_qubits(layer.circuit),
                          kg_circuit_n_ops(layer.circuit));
        }
        (void)fputc('\n', out);
    }
}

static void print_facts(const kg_model *model, const kg_plan_report *plan)
{
    FILE *out = cli_results();
    const kg_circuit *circuit = kg_model_circuit(model);
    kg_segment segment;
    (void)fprintf(out, "%-18s%d", "parameters", kg_model_n_params(model));
    for (int i = 0; kg_model_get_segment(model, i, &segment); i++) {
        (void)fprintf(out, "%s%s %d", i ? ", " : " (", segment.name, segment.n);
    }
    (void)fprintf(out, "%s\n", kg_model_get_segment(model, 0, &segment) ? ")" : "");
    (void)fprintf(out, "%-18s%d\n%-18s", "features", kg_model_n_features(model), "outputs");
    for (int k = 0; k < kg_model_n_outputs(model); k++) {
        (void)fprintf(out, "%s%s", k ? ", " : "", kg_model_output_name(model, k));
    }
    (void)fputc('\n', out);
    if (!circuit) {
        print_layers(model);
    }
    if (circuit) {
        (void)fprintf(out, "%-18s%d, %d inside the light cone\n", "qubits",
                      kg_circuit_n_qubits(circuit), plan->n_active);
        (void)fprintf(out, "%-18s%d\n%-18s%d\n%-18s%d\n", "operations", kg_circuit_n_ops(circuit),
                      "depth", kg_circuit_depth(circuit), "two-qubit gates",
                      kg_circuit_n_entangling(circuit));
        (void)fprintf(out, "%-18s%.0f forward, %.0f gradient (engine %s)\n", "flops per sample",
                      plan->forward_flops, plan->backward_flops, plan->engine);
    }
}

/* Circuits of the layers: one that several layers share is drawn once. */
static int has_drawn(const kg_model *model, int end, const kg_circuit *circuit)
{
    kg_model_layer layer;
    for (int i = 0; i < end && kg_model_get_layer(model, i, &layer); i++) {
        if (layer.circuit == circuit) {
            return 1;
        }
    }
    return 0;
}

/* The file of a drawing: that of --svg, with "-LAYER" before its ending if it is one of several. */
static kg_status svg_path(const char *layer, char path[MAX_PATH], kg_error *err)
{
    const char *name = strrchr(args.svg, '/') ? strrchr(args.svg, '/') + 1 : args.svg;
    const char *dot = strrchr(name, '.');
    const int length = (int)(dot && dot > name ? dot - args.svg : (ptrdiff_t)strlen(args.svg));
    const int n =
        layer ? snprintf(path, MAX_PATH, "%.*s-%s%s", length, args.svg, layer, args.svg + length)
              : snprintf(path, MAX_PATH, "%s", args.svg);
    return n < MAX_PATH ? KG_OK
                        : cli_fail(err, KG_ERR_ARGUMENT, "--svg has %zu characters, too many",
                                   strlen(args.svg));
}

static kg_status draw_svg(const kg_circuit *circuit, const char *layer, kg_error *err)
{
    char *text = NULL;
    char path[MAX_PATH];
    kg_status status = svg_path(layer, path, err);
    if (!status) {
        status = kg_circuit_draw(&text, circuit, KG_DRAW_SVG, 0, err);
    }
    if (!status) {
        status = cli_write_file(path, text, strlen(text), err);
    }
    if (!status) {
        cli_note("wrote %s", path);
    }
    kg_free(text);
    return status;
}

static kg_status draw_text(const kg_circuit *circuit, kg_error *err)
{
    char *text = NULL;
    const kg_drawing how = args.ascii ? KG_DRAW_ASCII : KG_DRAW_UTF8;
    const int columns = cli_columns(stdout) ? cli_columns(stdout) : 120;
    const kg_status status =
        kg_circuit_draw(&text, circuit, how, args.width ? args.width : columns, err);
    if (!status) {
        (void)fprintf(cli_results(), "%s\n", text);
    }
    kg_free(text);
    return status;
}

static int count_circuits(const kg_model *model)
{
    kg_model_layer layer;
    int n = 0;
    for (int i = 0; kg_model_get_layer(model, i, &layer); i++) {
        n += layer.circuit && !has_drawn(model, i, layer.circuit);
    }
    return n;
}

/* All circuits as text, with the name of their layer if there are other layers; or as SVG, each in a
 * file of its own. */
static kg_status draw(const kg_model *model, kg_error *err)
{
    kg_model_layer layer;
    const int n = count_circuits(model);
    kg_status status = KG_OK;
    for (int i = 0; kg_model_get_layer(model, i, &layer) && !status; i++) {
        if (!layer.circuit || has_drawn(model, i, layer.circuit)) {
            continue;
        }
        if (args.svg) {
            status = draw_svg(layer.circuit, n > 1 ? layer.name : NULL, err);
        } else if (!cli.json) {
            if (!kg_model_circuit(model)) {
                (void)fprintf(cli_results(), "%s:\n", layer.name);
            }
            status = draw_text(layer.circuit, err);
        }
    }
    if (!status && !n && args.svg) {
        return cli_fail(err, KG_ERR_UNSUPPORTED, "%s has no circuit to draw", kg_model_name(model));
    }
    return status;
}

static int run_show(int n_arguments, char **arguments, kg_error *err)
{
    kg_model *model = NULL;
    kg_plan_report plan = {0};
    kg_status status = get_model(n_arguments, arguments, &model, err);
    if (!status) {
        status = draw(model, err);
    }
    if (!status && kg_model_circuit(model)) {
        kg_plan_get_report(kg_model_plan(model), &plan);
    }
    if (!status && cli.json) {
        print_facts_json(model, &plan);
    } else if (!status) {
        print_facts(model, &plan);
    }
    kg_model_destroy(model);
    return (int)status;
}

static const cli_part parts[] = {{show_table, &args}, {kg_model_options_table, &model_options}};

const cli_command cli_show = {
    .name = "show",
    .arguments = "[MODEL]",
    .help = "Draws the circuit of a model; parameters, depth, two-qubit gates, cost.",
    .details = "It may also be the folder of a run, or a model.safetensors.\n",
    .examples = {"ketgrad show qcnn", "ketgrad show qcnn --ansatz ttn --encoding dense --ascii"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_show,
};
