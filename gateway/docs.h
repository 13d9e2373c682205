/*
 * The page at /docs and what it loads: files of a folder (DOCS_DIR), which deploy/docs-ui.sh fills.
 * Each is read when it is first asked for, and kept. Only files with a plain name and a known
 * ending are served: there is no way out of the folder.
 */
#ifndef DEPOT_GATEWAY_DOCS_H
#define DEPOT_GATEWAY_DOCS_H

#include <stddef.h>

#include "admin.h"

struct docs_file;

struct docs {
    const char *folder; /* NULL: there is none */
    struct docs_file *files;
};

/*
 * The path of a file: /docs is index.html, /docs/NAME any other. NULL if there is no such file. One
 * that has a compressed twin (NAME.gz) is not compressed again.
 */
const struct admin_path *docs_find(struct gateway *gateway, const char *path, size_t path_bytes);

/* Frees what was read. */
void docs_close(struct docs *self);

#endif
