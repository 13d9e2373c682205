/* Where tests put their files: in the folder that tests/run.sh removes at the end. */
#ifndef DEPOT_TESTS_SUPPORT_TEMP_H
#define DEPOT_TESTS_SUPPORT_TEMP_H

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"

/*
 * Puts a template for mkstemp and mkdtemp into `path`: `what`-XXXXXX in TMPDIR, else in /tmp. With
 * tests/run.sh it is short enough for 64 bytes.
 */
static inline void
temp_template(char *path, size_t path_bytes, const char *what)
{
    const char *folder = getenv("TMPDIR");
    int length = snprintf(path, path_bytes, "%s/%s-XXXXXX", folder != NULL ? folder : "/tmp", what);

    ASSERT(length > 0 && (size_t)length < path_bytes);
}

#endif
