/* The numbers of PostgreSQL's built-in types that we know; libpq's headers do not have them. */
#ifndef DEPOT_DB_TYPES_PG_H
#define DEPOT_DB_TYPES_PG_H

enum {
    DB_TYPE_BOOL = 16,
    DB_TYPE_BYTEA = 17,
    DB_TYPE_NAME = 19,
    DB_TYPE_INT8 = 20,
    DB_TYPE_INT2 = 21,
    DB_TYPE_INT4 = 23,
    DB_TYPE_TEXT = 25,
    DB_TYPE_JSON = 114,
    DB_TYPE_FLOAT4 = 700,
    DB_TYPE_FLOAT8 = 701,
    DB_TYPE_BPCHAR = 1042,
    DB_TYPE_VARCHAR = 1043,
    DB_TYPE_TIMESTAMPTZ = 1184,
    DB_TYPE_UUID = 2950,
    DB_TYPE_JSONB = 3802,

    /* From here on types are made by users: of these only enums, whose binary form is text. */
    DB_TYPE_FIRST_OF_USERS = 16384,
};

#endif
