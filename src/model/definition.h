/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of models: a table of layers and circuits, read from YAML. docs/custom.md is the manual. */
#ifndef MODEL_DEFINITION_H
#define MODEL_DEFINITION_H

#include "base/yaml.h"
#include "model/model.h"

enum {
    KGI_MAX_CIRCUITS = 16,
    KGI_MAX_DEFINED_QUBITS = 30,
    KGI_MAX_DEFINED_OPS = 100000, /* of a circuit, repetitions written out */
    KGI_MAX_DEFINED_OUTPUTS = 1024,
    KGI_LAYER_NAME = 21, /* bytes of a layer's name */
};

/* A circuit of the definition, and what it measures. */
typedef struct kgi_defined_circuit {
    const kgi_yaml_node *node;
    const char *name;
    kg_circuit *circuit;
    kg_observable *observable;
    int is_probs;
    int has_amplitudes;
    int is_used;
    int n_outputs;
    char (*outputs)[KGI_OUTPUT_NAME]; /* [n_outputs] what each is */
} kgi_defined_circuit;

/* A row of the table of layers. */
typedef struct kgi_defined_layer {
    const kgi_yaml_node *node;
    char name[KGI_LAYER_NAME];
    const kgi_layer_info *kind;
    kgi_layer_options options; /* but for shapes, circuit, and units if they are the classes */
    int units_are_classes;
    int circuit; /* index, -1 if it has none */
    int n_inputs;
    int inputs[KGI_MAX_LAYER_INPUTS]; /* layers before it, or KGI_FEATURES */
    int is_read;
} kgi_defined_layer;

typedef enum kgi_range { KGI_RANGE_AUTO, KGI_RANGE_ANGLES, KGI_RANGE_PLAIN } kgi_range;

/* What `input` says, or what the layers that read the features ask for. */
typedef struct kgi_defined_input {
    const kgi_yaml_node *node; /* NULL: there is no such row */
    kgi_shape shape;           /* {0, 0, 0}: as the features come */
    kgi_range range;           /* of the features; never auto once read */
} kgi_defined_input;

struct kgi_definition {
    kgi_yaml *file; /* owns all nodes */
    char *source;   /* the text as it was given, with what stands around it */
    char *text;     /* the definition and nothing else, as JSON in one line: what is saved */
    kgi_defined_input input;
    int n_circuits;
    kgi_defined_circuit circuits[KGI_MAX_CIRCUITS];
    int n_layers;
    kgi_defined_layer *layers; /* [n_layers] the last one is the output */
};

/* Reads a definition; name stands in messages. Errors: KG_ERR_FORMAT with "name:line:column: ",
 * KG_ERR_MEMORY. */
kg_status kgi_definition_parse(kgi_definition **out, const char *name, const char *text,
                               kg_error *err);
void kgi_definition_destroy(kgi_definition *definition);
/* Classes that the outputs tell apart, if the definition says how many outputs there are; else 2. */
int kgi_definition_classes(const kgi_definition *definition);

/* Reads a row of the table of layers, which is appended, or is the input (defined_layer.c). */
kg_status kgi_defined_layer_read(kgi_definition *definition, const kgi_yaml_node *node,
                                 kg_error *err);

/* Reads one circuit from its map (defined_circuit.c); on failure it is to be cleared all the same. */
kg_status kgi_defined_circuit_read(kgi_defined_circuit *circuit, const kgi_yaml_node *node,
                                   kg_error *err);
void kgi_defined_circuit_clear(kgi_defined_circuit *circuit);
/* Reads what a circuit measures (defined_measure.c). */
kg_status kgi_defined_measure_read(kgi_defined_circuit *circuit, const kgi_yaml_node *node,
                                   kg_error *err);

/* What a call said about a node, with the node's place in front; no memory stays no memory. */
kg_status kgi_defined_fail(const kgi_yaml_node *node, kg_status status, const kg_error *said,
                           kg_error *err);
/* "<what> <text> is not known, did you mean ...", for a name that is none of n. */
kg_status kgi_defined_unknown(const kgi_yaml_node *node, const char *what, const char *text,
                              const char *const *names, int n, kg_error *err);

#endif
