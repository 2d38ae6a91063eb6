/* SPDX-License-Identifier: Apache-2.0 */
/* Experiment files: a YAML tree on one side, option tables on the other.
 *
 * A value goes through kg_option_set() as its flag would, so ranges and messages are those of the
 * command line, with the place in the file in front. */
#include <ketgrad/config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "base/yaml.h"

enum { MAX_NAMES = 512 }; /* keys of one section that are looked at for a suggestion */

/* A text that was made here: a joined list or a path. */
typedef struct made {
    struct made *before;
    char *text;
} made;

struct kg_config {
    kgi_yaml *file;
    char *path;
    char *text;
    made *texts;
};

/* ---- reading ------------------------------------------------------------------------------------- */

static char *copy(const char *text, size_t length)
{
    char *out = malloc(length + 1);
    if (out) {
        memcpy(out, text, length);
        out[length] = '\0';
    }
    return out;
}

kg_status kg_config_parse(kg_config **out, const char *path, const char *text, size_t n_bytes,
                          kg_error *err)
{
    *out = NULL;
    kg_config *config = calloc(1, sizeof *config);
    if (!config) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: no memory for an experiment file", path);
    }
    kg_status status = kgi_yaml_parse(&config->file, path, text, n_bytes, err);
    if (!status) {
        config->path = copy(path, strlen(path));
        config->text = copy(text, n_bytes);
        if (!config->path || !config->text) {
            status = kgi_fail(err, KG_ERR_MEMORY, "%s: no memory for an experiment file", path);
        }
    }
    if (!status) {
        status = kgi_yaml_check_kind(kgi_yaml_root(config->file), KGI_YAML_MAP,
                                     "an experiment file", err);
    }
    if (status) {
        kg_config_destroy(config);
        return status;
    }
    *out = config;
    return KG_OK;
}

kg_status kg_config_load(kg_config **out, const char *path, kg_error *err)
{
    unsigned char *text = NULL;
    size_t n_bytes = 0;
    *out = NULL;
    kg_status status = kgi_yaml_read(path, &text, &n_bytes, err);
    if (!status) {
        status = kg_config_parse(out, path, (const char *)text, n_bytes, err);
    }
    free(text);
    return status;
}

void kg_config_destroy(kg_config *config)
{
    if (!config) {
        return;
    }
    for (made *text = config->texts; text;) {
        made *before = text->before;
        free(text->text);
        free(text);
        text = before;
    }
    kgi_yaml_destroy(config->file);
    free(config->path);
    free(config->text);
    free(config);
}

const char *kg_config_path(const kg_config *config)
{
    return config->path;
}

const char *kg_config_text(const kg_config *config)
{
    return config->text;
}

/* ---- values -------------------------------------------------------------------------------------- */

/* The finished text belongs to the config. */
static kg_status keep(kg_config *config, kgi_text *text, const char **out, kg_error *err)
{
    made *entry = calloc(1, sizeof *entry);
    if (!entry) {
        kgi_text_clear(text);
        return kgi_fail(err, KG_ERR_MEMORY, "%s: no memory for a text", config->path);
    }
    const kg_status status = kgi_text_finish(text, &entry->text, err);
    if (status) {
        free(entry);
        return status;
    }
    entry->before = config->texts;
    config->texts = entry;
    *out = entry->text;
    return KG_OK;
}

/* "3,5" from [3, 5]. */
static kg_status join_list(kg_config *config, const kgi_yaml_node *list, const char **out,
                           kg_error *err)
{
    kgi_text text = {0};
    for (const kgi_yaml_node *item = list->first; item; item = item->next) {
        if (item->kind != KGI_YAML_SCALAR || strchr(item->text, ',')) {
            kgi_text_clear(&text);
            return kgi_yaml_fail(item, err, "an item of %s is not a single value without comma",
                                 list->key);
        }
        kgi_text_printf(&text, "%s%s", item == list->first ? "" : ",", item->text);
    }
    return keep(config, &text, out, err);
}

/* A path that the file names, as seen from where the program stands. */
static kg_status resolve_path(kg_config *config, const kg_option *row, const char *text,
                              const char **out, kg_error *err)
{
    const char *slash = strrchr(config->path, '/');
    *out = text;
    for (int i = 0; row->names && row->names(i); i++) {
        if (!strcmp(text, row->names(i))) {
            return KG_OK; /* a name, not a path */
        }
    }
    if (*text == '/' || !slash) {
        return KG_OK;
    }
    kgi_text joined = {0};
    kgi_text_add(&joined, config->path, (size_t)(slash + 1 - config->path));
    kgi_text_printf(&joined, "%s", text);
    return keep(config, &joined, out, err);
}

/* Booleans are true and false, whole numbers have no leading zeros: 010 is 8 to some readers of YAML,
 * and 10 to others. */
static kg_status check_plain(const kg_option *row, const kgi_yaml_node *node, kg_error *err)
{
    int flag = 0;
    if (row->type == KG_OPTION_FLAG) {
        return kgi_yaml_bool(node, row->name, &flag, err);
    }
    const char *digits = node->text + (*node->text == '-');
    const int is_number = row->type == KG_OPTION_INT || row->type == KG_OPTION_DOUBLE ||
                          row->type == KG_OPTION_SEED || row->type == KG_OPTION_BYTES;
    if (is_number && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') {
        return kgi_yaml_fail(node, err, "%s is \"%.60s\", a number with a leading zero", row->name,
                             node->text);
    }
    return KG_OK;
}

static kg_status set_value(kg_config *config, const kg_option *row, void *options,
                           const kgi_yaml_node *node, kg_error *err)
{
    const int is_text = row->type == KG_OPTION_TEXT || row->type == KG_OPTION_PATH;
    const char *text = node->text;
    kg_status status = KG_OK;
    if (is_text && node->kind == KGI_YAML_LIST) {
        status = join_list(config, node, &text, err);
    } else {
        status = kgi_yaml_check_kind(node, KGI_YAML_SCALAR, row->name, err);
    }
    if (!status) {
        status = check_plain(row, node, err);
    }
    if (!status && !*text) {
        return kgi_yaml_fail(node, err, "%s has no value", row->name);
    }
    if (!status && row->type == KG_OPTION_PATH) {
        status = resolve_path(config, row, text, &text, err);
    }
    union { /* any field, where nobody keeps the value */
        double real;
        uint64_t whole;
        const char *text;
    } nobody;
    kg_option anywhere = *row;
    anywhere.offset = options ? row->offset : 0;
    kg_error refused = {KG_OK, ""};
    if (!status && kg_option_set(&anywhere, options ? options : &nobody, text, &refused)) {
        return kgi_yaml_fail(node, err, "%s", refused.message);
    }
    return status;
}

/* ---- sections ------------------------------------------------------------------------------------ */

/* The row of a key; "name" is the row that is called as the section. */
static const kg_option *find_row(const kg_config_section *section, const char *key)
{
    const kg_option *row = kg_option_find(section->table, key);
    return row || !kgi_yaml_same_key("name", key) ? row
                                                  : kg_option_find(section->table, section->name);
}

static int is_other(const kg_config_section *section, const char *key)
{
    for (int i = 0; i < section->n_others; i++) {
        if (kgi_yaml_same_key(section->others[i], key)) {
            return 1;
        }
    }
    return 0;
}

static kg_status fail_key(const kgi_yaml_node *node, int n, const kg_config_section *sections,
                          const char *section, kg_error *err)
{
    const char *names[MAX_NAMES];
    int n_names = 0;
    for (int i = 0; i < n; i++) {
        const kg_option_table *table =
            kgi_yaml_same_key(sections[i].name, section) ? sections[i].table : NULL;
        for (int r = 0; table && r < table->n_rows && n_names < MAX_NAMES; r++) {
            names[n_names++] = table->rows[r].name;
        }
        for (int k = 0; table && k < sections[i].n_others && n_names < MAX_NAMES; k++) {
            names[n_names++] = sections[i].others[k];
        }
    }
    const char *nearest = kgi_text_nearest(node->key, names, n_names, sizeof *names);
    return kgi_yaml_fail_key(node, err, "%s has no key \"%.60s\"%s%s%s", section, node->key,
                             nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                             nearest ? "\"?" : "");
}

/* One key of a section, by the first of the sections of that name that knows it. */
static kg_status apply_key(kg_config *config, const kgi_yaml_node *node, int n,
                           const kg_config_section *sections, const char *section, kg_error *err)
{
    for (int i = 0; i < n; i++) {
        if (!kgi_yaml_same_key(sections[i].name, section)) {
            continue;
        }
        if (!sections[i].table || is_other(&sections[i], node->key)) {
            return KG_OK;
        }
        const kg_option *row = find_row(&sections[i], node->key);
        if (row) {
            return set_value(config, row, sections[i].options, node, err);
        }
    }
    return fail_key(node, n, sections, section, err);
}

static kg_status apply_section(kg_config *config, const kgi_yaml_node *map, int n,
                               const kg_config_section *sections, kg_error *err)
{
    const char *names[MAX_NAMES];
    int known = -1;
    for (int i = 0; i < n && i < MAX_NAMES; i++) {
        names[i] = sections[i].name;
        known = known < 0 && kgi_yaml_same_key(sections[i].name, map->key) ? i : known;
    }
    if (known < 0) {
        const char *nearest =
            kgi_text_nearest(map->key, names, n < MAX_NAMES ? n : MAX_NAMES, sizeof *names);
        return kgi_yaml_fail_key(map, err, "no section \"%.60s\"%s%s%s", map->key,
                                 nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                                 nearest ? "\"?" : "");
    }
    const int is_empty = map->kind == KGI_YAML_SCALAR && map->plain && !*map->text;
    if (!sections[known].table || is_empty) {
        return KG_OK;
    }
    kg_status status = kgi_yaml_check_kind(map, KGI_YAML_MAP, map->key, err);
    for (const kgi_yaml_node *node = map->first; node && !status; node = node->next) {
        status = apply_key(config, node, n, sections, sections[known].name, err);
    }
    return status;
}

kg_status kg_config_apply(kg_config *config, int n_sections, const kg_config_section *sections,
                          kg_error *err)
{
    kg_status status = KG_OK;
    const kgi_yaml_node *root = kgi_yaml_root(config->file);
    for (const kgi_yaml_node *map = root->first; map && !status; map = map->next) {
        status = apply_section(config, map, n_sections, sections, err);
    }
    return status;
}

/* ---- looking up ---------------------------------------------------------------------------------- */

static const kgi_yaml_node *find_node(const kg_config *config, const char *section, const char *key)
{
    const kgi_yaml_node *root = kgi_yaml_root(config->file);
    const kgi_yaml_node *map = section ? kgi_yaml_get(root, section) : root;
    const kgi_yaml_node *node = kgi_yaml_get(map, key);
    return node || !section || !kgi_yaml_same_key(section, key) ? node : kgi_yaml_get(map, "name");
}

const char *kg_config_get(const kg_config *config, const char *section, const char *key)
{
    const kgi_yaml_node *node = find_node(config, section, key);
    return node && node->kind == KGI_YAML_SCALAR ? node->text : NULL;
}

int kg_config_find(const kg_config *config, const char *section, const char *key, int *line,
                   int *column)
{
    const kgi_yaml_node *node = find_node(config, section, key);
    if (node) {
        *line = node->line;
        *column = node->column;
    }
    return node != NULL;
}
