/* Generated files: written only when they change, so that nothing is rebuilt for nothing. */
#ifndef DEPOT_PROTOGEN_OUT_H
#define DEPOT_PROTOGEN_OUT_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Makes the file `folder`/`name` hold exactly `content`, making folders as needed. False with a
 * line on standard error when that fails.
 */
bool out_write(const char *folder, const char *name, const struct buf *content);

/* Appends `text` as a C string literal without its end of line; NULL becomes `NULL`. */
void out_c_string(struct buf *out, const char *text);

/* `true` or `false`. */
const char *out_c_bool(bool value);

/* The first lines of a generated C file. */
void out_head(struct buf *out, const char *source);

/* The include guard of a header: `#ifndef`, `#define`. The caller ends the file with `#endif`. */
void out_guard(struct buf *out, const char *name);

#endif
