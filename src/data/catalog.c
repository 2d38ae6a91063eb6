/* SPDX-License-Identifier: Apache-2.0 */
/* The table of data sets: what is known by name.
 *
 * To add a set of IDX files or a table: a row with its files, their size, SHA-256 and address (only an
 * address that is known to have these bytes). To add a generated one: a row, and a line in load.c. */
#include "data/catalog.h"

#include <string.h>

#include "base/text.h"
#include "data/bars.h"
#include "data/strokes.h"

static const char *const fashion_classes[] = {"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                              "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                              "Bag",         "Ankle boot"};
static const char *const bars_classes[] = {"bars", "stripes"};

#define MNIST_URL "https://storage.googleapis.com/cvdf-datasets/mnist/"
#define FASHION_URL "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
#define UCI_URL "https://archive.ics.uci.edu/ml/machine-learning-databases/"

static const kgi_dataset_row catalog[] = {
    /* clang-format off */
    {.info = {.name = "strokes", .help = "ten digits drawn from strokes, generated",
              .licence = "Apache-2.0", .source = "this library",
              .n_classes = KGI_STROKES_CLASSES,
              .height = KGI_STROKES_SIDE, .width = KGI_STROKES_SIDE,
              .n_train = KGI_STROKES_CLASSES * KGI_STROKES_TRAIN,
              .n_test = KGI_STROKES_CLASSES * KGI_STROKES_TEST,
              .n_features = KGI_STROKES_SIDE * KGI_STROKES_SIDE, .classes = "0,1"},
     .kind = KGI_DATASET_STROKES},
    {.info = {.name = "bars-and-stripes", .help = "noisy images of bars or stripes, generated",
              .licence = "Apache-2.0", .source = "this library, as in Bowles, Ahmed, Schuld, arXiv:2403.07059",
              .n_classes = KGI_BARS_CLASSES, .height = KGI_BARS_SIDE, .width = KGI_BARS_SIDE,
              .n_train = KGI_BARS_CLASSES * KGI_BARS_TRAIN,
              .n_test = KGI_BARS_CLASSES * KGI_BARS_TEST,
              .n_features = KGI_BARS_SIDE * KGI_BARS_SIDE, .classes = "all"},
     .kind = KGI_DATASET_BARS, .class_names = bars_classes},
    {.info = {.name = "mnist", .help = "ten handwritten digits",
              .licence = "none stated", .source = "LeCun, Cortes, Burges",
              .n_classes = 10, .height = 28, .width = 28, .n_train = 60000, .n_test = 10000,
              .needs_folder = 1, .n_features = 784, .classes = "0,1", .files_in = "mnist"},
     .kind = KGI_DATASET_IDX,
     .files = {
         {"train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          9912422, MNIST_URL "train-images-idx3-ubyte.gz"},
         {"train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
          28881, MNIST_URL "train-labels-idx1-ubyte.gz"},
         {"t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
          1648877, MNIST_URL "t10k-images-idx3-ubyte.gz"},
         {"t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
          4542, MNIST_URL "t10k-labels-idx1-ubyte.gz"}}},
    {.info = {.name = "fashion-mnist", .help = "ten kinds of clothing",
              .licence = "MIT", .source = "Xiao, Rasul, Vollgraf, arXiv:1708.07747",
              .n_classes = 10, .height = 28, .width = 28, .n_train = 60000, .n_test = 10000,
              .needs_folder = 1, .n_features = 784, .classes = "0,1", .files_in = "fashion-mnist"},
     .kind = KGI_DATASET_IDX, .class_names = fashion_classes,
     .files = {
         {"train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
          26421880, FASHION_URL "train-images-idx3-ubyte.gz"},
         {"train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
          29515, FASHION_URL "train-labels-idx1-ubyte.gz"},
         {"t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
          4422102, FASHION_URL "t10k-images-idx3-ubyte.gz"},
         {"t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
          5148, FASHION_URL "t10k-labels-idx1-ubyte.gz"}}},
    {.info = {.name = "wine", .help = "13 measurements of wines of three cultivars",
              .licence = "CC BY 4.0", .source = "UCI Machine Learning Repository; Forina and others, PARVUS",
              .n_classes = 3, .n_train = 178, .needs_folder = 1, .n_features = 13,
              .classes = "all", .files_in = "tabular"},
     .kind = KGI_DATASET_TABLE, .label = "first",
     .files = {{"wine.data", "6be6b1203f3d51df0b553a70e57b8a723cd405683958204f96d23d7cd6aea659",
                10782, UCI_URL "wine/wine.data"}}},
    {.info = {.name = "wdbc", .help = "30 features of cells, malignant (M) or benign (B)",
              .licence = "CC BY 4.0", .source = "UCI Machine Learning Repository; Wolberg, Street, Mangasarian",
              .n_classes = 2, .n_train = 569, .needs_folder = 1, .n_features = 30,
              .classes = "all", .files_in = "tabular"},
     .kind = KGI_DATASET_TABLE, .label = "2", .n_skipped = 1, /* a patient's number comes first */
     .files = {{"wdbc.data", "d606af411f3e5be8a317a5a8b652b425aaf0ff38ca683d5327ffff94c3695f4a",
                124103, UCI_URL "breast-cancer-wisconsin/wdbc.data"}}},
    {.info = {.name = "iris", .help = "4 measurements of flowers of three kinds",
              .licence = "CC BY 4.0", .source = "UCI Machine Learning Repository; Fisher, 1936",
              .n_classes = 3, .n_train = 150, .needs_folder = 1, .n_features = 4,
              .classes = "all", .files_in = "tabular"},
     .kind = KGI_DATASET_TABLE, .label = "last",
     /* no address is known to have these bytes: UCI's own file ends with two more line ends */
     .files = {{"iris.data", "f5d0c11e5c78a69a20dbb80baf2b24703f59a6687595752abb397d23732647c5",
                4549, NULL}}},
    {.info = {.name = "optdigits", .help = "ten handwritten digits of 8 x 8 pixels 0 .. 16",
              .licence = "CC BY 4.0", .source = "UCI Machine Learning Repository; Alpaydin, Kaynak",
              .n_classes = 10, .height = 8, .width = 8, .n_train = 3823, .n_test = 1797,
              .needs_folder = 1, .n_features = 64, .classes = "all", .files_in = "tabular"},
     .kind = KGI_DATASET_TABLE, .label = "last",
     .files = {{"optdigits.tra", "e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd",
                563639, UCI_URL "optdigits/optdigits.tra"},
               {"optdigits.tes", "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8",
                264712, UCI_URL "optdigits/optdigits.tes"}}},
    /* clang-format on */
};
enum { N_DATASETS = sizeof catalog / sizeof catalog[0] };

const kg_dataset_info *kg_dataset_info_get(int i)
{
    return i >= 0 && i < N_DATASETS ? &catalog[i].info : NULL;
}

const kgi_dataset_row *kgi_dataset_row_find(const char *name)
{
    for (int i = 0; i < N_DATASETS; i++) {
        if (!strcmp(catalog[i].info.name, name)) {
            return &catalog[i];
        }
    }
    return NULL;
}

const kg_dataset_info *kg_dataset_info_find(const char *name)
{
    const kgi_dataset_row *row = kgi_dataset_row_find(name);
    return row ? &row->info : NULL;
}

const kg_dataset_file *kg_dataset_file_get(const kg_dataset_info *info, int i)
{
    const kgi_dataset_row *row = kgi_dataset_row_find(info->name);
    return row && i >= 0 && i < KGI_MAX_DATASET_FILES && row->files[i].name ? &row->files[i] : NULL;
}

kg_status kgi_dataset_unknown(const char *name, kg_error *err)
{
    kgi_text names = {0};
    char *allowed = NULL;
    const char *nearest =
        kgi_text_nearest(name, &catalog[0].info.name, N_DATASETS, sizeof catalog[0]);
    for (int i = 0; i < N_DATASETS; i++) {
        kgi_text_printf(&names, "%s, ", catalog[i].info.name);
    }
    kg_status status = kgi_text_finish(&names, &allowed, err);
    if (!status) {
        status = kgi_fail(err, KG_ERR_ARGUMENT,
                          "unknown data set '%.40s'%s%s%s, allowed are %sand files (.csv, .npy, "
                          ".npz)",
                          name, nearest ? ", did you mean " : "", nearest ? nearest : "",
                          nearest ? "?" : "", allowed);
    }
    kg_free(allowed);
    return status;
}
