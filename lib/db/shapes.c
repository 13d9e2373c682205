#include "db/shapes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "db/pipeline.h"

enum { NONE = DB_SHAPES_SIZE };

static bool
is_kept(const struct db_shapes *self, size_t i)
{
    return self->entries[i].state == DB_SHAPE_PREPARING || self->entries[i].state == DB_SHAPE_READY;
}

static size_t
find(const struct db_shapes *self, const unsigned char *key)
{
    size_t i = 0;

    while (i < DB_SHAPES_SIZE &&
           !(is_kept(self, i) && memcmp(self->entries[i].key, key, DB_SHAPE_KEY_BYTES) == 0)) {
        i++;
    }
    return i;
}

static size_t
find_free(const struct db_shapes *self)
{
    size_t i = 0;

    while (i < DB_SHAPES_SIZE && self->entries[i].state != DB_SHAPE_FREE) {
        i++;
    }
    return i;
}

/* One that is being prepared is not given up: its own pipeline uses it. */
static size_t
find_oldest(const struct db_shapes *self)
{
    size_t oldest = NONE;

    for (size_t i = 0; i < DB_SHAPES_SIZE; i++) {
        if (self->entries[i].state == DB_SHAPE_READY &&
            (oldest == NONE || self->entries[i].used < self->entries[oldest].used)) {
            oldest = i;
        }
    }
    return oldest;
}

static void
give_up(struct db_shapes *self, struct db_pipeline *pipeline, size_t i)
{
    char sql[DB_SHAPE_NAME_BYTES + 16];

    snprintf(sql, sizeof(sql), "DEALLOCATE %s", self->entries[i].name);
    self->entries[i].state = DB_SHAPE_CLOSING;
    self->entries[i].statement = db_pipeline_text(pipeline, sql);
    self->n_kept--;
    self->n_pending++;
}

/* Where a new one goes; NONE when this pipeline has used all there is. */
static size_t
make_room(struct db_shapes *self, struct db_pipeline *pipeline)
{
    size_t place = find_free(self);

    if (place != NONE && self->n_kept >= LIMIT_DB_SHAPES) {
        size_t oldest = find_oldest(self);

        if (oldest == NONE) {
            return NONE;
        }
        give_up(self, pipeline, oldest);
    }
    return place;
}

const char *
db_shapes_name(struct db_shapes *self, struct db_pipeline *pipeline, const struct db_shape *shape)
{
    size_t place = find(self, shape->key);
    struct db_statement statement = {.name = "", .sql = shape->sql};

    if (place != NONE) {
        self->entries[place].used = ++self->clock;
        return self->entries[place].name;
    }
    place = make_room(self, pipeline);
    if (place == NONE) {
        db_pipeline_prepare(pipeline, &statement);
        return "";
    }
    /* Never a name again: whatever went wrong, it means no other statement. */
    snprintf(self->entries[place].name, DB_SHAPE_NAME_BYTES, "shape_%" PRIu64, ++self->last_name);
    statement.name = self->entries[place].name;
    self->entries[place].state = DB_SHAPE_PREPARING;
    self->entries[place].statement = db_pipeline_prepare(pipeline, &statement);
    self->entries[place].used = ++self->clock;
    memcpy(self->entries[place].key, shape->key, DB_SHAPE_KEY_BYTES);
    self->n_kept++;
    self->n_pending++;
    return self->entries[place].name;
}

static void
settle(struct db_shapes *self, size_t i, bool done)
{
    bool is_new = self->entries[i].state == DB_SHAPE_PREPARING;

    if (is_new != done) { /* given up, or never made */
        self->n_kept -= is_new;
        self->entries[i].state = DB_SHAPE_FREE;
    } else { /* made, or still there */
        self->n_kept += !is_new;
        self->entries[i].state = DB_SHAPE_READY;
    }
}

void
db_shapes_settle(struct db_shapes *self, const struct db_pipeline *pipeline)
{
    if (self->n_pending == 0) {
        return;
    }
    for (size_t i = 0; i < DB_SHAPES_SIZE; i++) {
        size_t number = self->entries[i].statement;

        if (self->entries[i].state == DB_SHAPE_PREPARING ||
            self->entries[i].state == DB_SHAPE_CLOSING) {
            settle(self, i, number < pipeline->n_done && pipeline->results[number] != NULL);
        }
    }
    self->n_pending = 0;
}
