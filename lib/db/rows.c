#include "db/rows.h"

#include <libpq-fe.h>

#include "base/assert.h"
#include "db/types_pg.h"
#include "db/value.h"

size_t
db_row_count(const struct db_rows *rows, size_t statement)
{
    ASSERT(statement < rows->n_results);
    return (size_t)PQntuples(rows->results[statement]);
}

static struct db_value
value_named(const struct db_rows *rows, size_t statement, size_t row, const char *name)
{
    int column;

    ASSERT(row < db_row_count(rows, statement));
    column = db_column_find(rows->results[statement], name);
    ASSERT(column >= 0);
    return db_value_at(rows->results[statement], row, column);
}

bool
db_is_null(const struct db_rows *rows, size_t statement, size_t row, const char *column)
{
    return value_named(rows, statement, row, column).data == NULL;
}

const char *
db_text(const struct db_rows *rows, size_t statement, size_t row, const char *column)
{
    struct db_value value = value_named(rows, statement, row, column);
    char uuid[DB_UUID_TEXT_BYTES];
    const char *copy;

    ASSERT(db_value_is_text(&value));
    if (value.data == NULL) {
        return "";
    }
    if (value.type == DB_TYPE_UUID) {
        db_value_uuid(&value, uuid);
        value = (struct db_value){.data = uuid, .bytes = sizeof(uuid)};
    }
    value = db_value_plain(&value);
    copy = arena_copy(rows->arena, value.data, value.bytes);
    if (copy == NULL) {
        *rows->exhausted = true;
        return "";
    }
    return copy;
}

int64_t
db_int(const struct db_rows *rows, size_t statement, size_t row, const char *column)
{
    struct db_value value = value_named(rows, statement, row, column);

    return value.data == NULL ? 0 : db_value_int(&value);
}

bool
db_bool(const struct db_rows *rows, size_t statement, size_t row, const char *column)
{
    struct db_value value = value_named(rows, statement, row, column);

    return value.data != NULL && db_value_bool(&value);
}

int64_t
db_time_us(const struct db_rows *rows, size_t statement, size_t row, const char *column)
{
    struct db_value value = value_named(rows, statement, row, column);

    return value.data == NULL ? 0 : db_value_time_us(&value);
}

struct db_bytes
db_bytes(const struct db_rows *rows, size_t statement, size_t row, const char *column)
{
    struct db_value value = value_named(rows, statement, row, column);

    ASSERT(value.type == DB_TYPE_BYTEA);
    return (struct db_bytes){.data = value.data, .bytes = value.bytes};
}
