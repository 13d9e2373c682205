#include "db/value.h"

#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

#include "base/assert.h"
#include "db/types_pg.h"

/* From PostgreSQL's 2000-01-01 to 1970-01-01. */
static const int64_t epoch_us = INT64_C(946684800) * 1000000;

int
db_column_find(const struct pg_result *result, const char *name)
{
    int n = PQnfields(result);

    for (int i = 0; i < n; i++) {
        if (strcmp(PQfname(result, i), name) == 0) {
            return i;
        }
    }
    return -1;
}

struct db_value
db_value_at(const struct pg_result *result, size_t row, int column)
{
    struct db_value value = {.type = PQftype(result, column)};

    if (!PQgetisnull(result, (int)row, column)) {
        value.data = PQgetvalue(result, (int)row, column);
        value.bytes = (size_t)PQgetlength(result, (int)row, column);
    }
    return value;
}

static uint64_t
read64(const struct db_value *value)
{
    uint64_t number;

    ASSERT(value->data != NULL && value->bytes == sizeof(number));
    memcpy(&number, value->data, sizeof(number));
    return be64toh(number);
}

static uint32_t
read32(const struct db_value *value)
{
    uint32_t number;

    ASSERT(value->data != NULL && value->bytes == sizeof(number));
    memcpy(&number, value->data, sizeof(number));
    return be32toh(number);
}

static uint16_t
read16(const struct db_value *value)
{
    uint16_t number;

    ASSERT(value->data != NULL && value->bytes == sizeof(number));
    memcpy(&number, value->data, sizeof(number));
    return be16toh(number);
}

bool
db_value_bool(const struct db_value *value)
{
    ASSERT(value->type == DB_TYPE_BOOL && value->data != NULL && value->bytes == 1);
    return value->data[0] != 0;
}

int64_t
db_value_int(const struct db_value *value)
{
    switch (value->type) {
    case DB_TYPE_INT2:
        return (int16_t)read16(value);
    case DB_TYPE_INT4:
        return (int32_t)read32(value);
    default:
        ASSERT(value->type == DB_TYPE_INT8);
        return (int64_t)read64(value);
    }
}

double
db_value_float(const struct db_value *value)
{
    uint32_t bits32;
    uint64_t bits64;
    float single;
    double number;

    if (value->type == DB_TYPE_FLOAT4) {
        bits32 = read32(value);
        memcpy(&single, &bits32, sizeof(single));
        return (double)single;
    }
    ASSERT(value->type == DB_TYPE_FLOAT8);
    bits64 = read64(value);
    memcpy(&number, &bits64, sizeof(number));
    return number;
}

int64_t
db_value_time_us(const struct db_value *value)
{
    int64_t us;

    ASSERT(value->type == DB_TYPE_TIMESTAMPTZ);
    us = (int64_t)read64(value);
    return us == INT64_MAX || us == INT64_MIN ? us : us + epoch_us;
}

bool
db_value_is_text(const struct db_value *value)
{
    switch (value->type) {
    case DB_TYPE_TEXT:
    case DB_TYPE_VARCHAR:
    case DB_TYPE_BPCHAR:
    case DB_TYPE_NAME:
    case DB_TYPE_JSON:
    case DB_TYPE_JSONB:
    case DB_TYPE_UUID:
        return true;
    default:
        return value->type >= DB_TYPE_FIRST_OF_USERS;
    }
}

struct db_value
db_value_plain(const struct db_value *value)
{
    struct db_value plain = *value;

    if (value->type == DB_TYPE_JSONB && value->data != NULL) {
        ASSERT(value->bytes > 0 && value->data[0] == 1); /* jsonb's only version */
        plain.data++;
        plain.bytes--;
    }
    return plain;
}

void
db_value_uuid(const struct db_value *value, char text[static DB_UUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *out = text;

    ASSERT(value->type == DB_TYPE_UUID && value->data != NULL && value->bytes == 16);
    for (size_t i = 0; i < 16; i++) {
        unsigned char byte = (unsigned char)value->data[i];

        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *out++ = '-';
        }
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
}
