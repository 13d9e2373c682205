/*
 * A JSON document being written, indented by two blanks: objects and arrays are opened and closed,
 * members go in between. `key` is NULL in an array and at the top.
 */
#ifndef DEPOT_PROTOGEN_DOC_H
#define DEPOT_PROTOGEN_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { DOC_DEPTH_MAX = 32 };

struct doc {
    struct buf *out;
    bool openapi_30; /* nothing to the writer itself: see openapi.h */
    int depth;
    char ends[DOC_DEPTH_MAX];   /* the brackets that are open */
    bool filled[DOC_DEPTH_MAX]; /* whether something stands in them */
};

void doc_object(struct doc *self, const char *key);
void doc_array(struct doc *self, const char *key);

/* Ends the newest object or array. The end of the outermost ends the text with a newline. */
void doc_end(struct doc *self);

void doc_string(struct doc *self, const char *key, const char *value);
void doc_int(struct doc *self, const char *key, int64_t value);
void doc_bool(struct doc *self, const char *key, bool value);
void doc_null(struct doc *self, const char *key);

/* A string member with a formatted value. */
void doc_printf(struct doc *self, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
