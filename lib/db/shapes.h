/*
 * The shapes that a connection has prepared: the last ones used, at most LIMIT_DB_SHAPES. What is
 * prepared and given up travels in the pipeline that needs it; since a pipeline that fails skips
 * what comes behind the failure, an entry counts only when its result has come. For this folder.
 */
#ifndef DEPOT_DB_SHAPES_H
#define DEPOT_DB_SHAPES_H

#include "base/limits.h"
#include "db/shape.h"

enum db_shape_state {
    DB_SHAPE_FREE,
    DB_SHAPE_PREPARING, /* sent; `statement` is its number */
    DB_SHAPE_READY,
    DB_SHAPE_CLOSING, /* likewise */
};

/* Twice as many as are kept: those that a pipeline gives up stand beside those that it makes. */
enum { DB_SHAPES_SIZE = 2 * LIMIT_DB_SHAPES, DB_SHAPE_NAME_BYTES = 32 };

/* All zero: none. */
struct db_shapes {
    struct {
        enum db_shape_state state;
        unsigned char key[DB_SHAPE_KEY_BYTES];
        char name[DB_SHAPE_NAME_BYTES];
        uint64_t used; /* when, on `clock` */
        size_t statement;
    } entries[DB_SHAPES_SIZE];
    size_t n_kept, n_pending;
    uint64_t clock, last_name;
};

struct db_pipeline;

/*
 * The name of the prepared statement; adds its preparation to the pipeline if need be, and gives up
 * the one that was not used for longest. One that cannot be kept is prepared without a name (""),
 * for the next statement of the pipeline.
 */
const char *db_shapes_name(struct db_shapes *self, struct db_pipeline *pipeline,
                           const struct db_shape *shape);

/* After the pipeline's results have come: what was done is done. */
void db_shapes_settle(struct db_shapes *self, const struct db_pipeline *pipeline);

#endif
