/* One column of one row, as libpq has it in binary format. For this folder only. */
#ifndef DEPOT_DB_VALUE_H
#define DEPOT_DB_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pg_result;

struct db_value {
    unsigned type;    /* PostgreSQL's number of it */
    const char *data; /* NULL: SQL's NULL */
    size_t bytes;
};

/* The column's number; -1 if there is none. */
int db_column_find(const struct pg_result *result, const char *name);

struct db_value db_value_at(const struct pg_result *result, size_t row, int column);

/* Each asserts that the value is not NULL and of a fitting type. */
bool db_value_bool(const struct db_value *value);
int64_t db_value_int(const struct db_value *value);
double db_value_float(const struct db_value *value);

/* Microseconds since 1970; INT64_MAX and INT64_MIN are infinity and -infinity. */
int64_t db_value_time_us(const struct db_value *value);

/* Whether the type has a text: text and its kind, uuid, json, jsonb, enums. */
bool db_value_is_text(const struct db_value *value);

/* Text without its frame (jsonb's version); a uuid is not one of these. */
struct db_value db_value_plain(const struct db_value *value);

enum { DB_UUID_TEXT_BYTES = 36 };

void db_value_uuid(const struct db_value *value, char text[static DB_UUID_TEXT_BYTES]);

#endif
