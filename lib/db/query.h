/*
 * Queries as handlers see them: named parameters in, named columns out.
 *
 * A file `queries/<method>.sql` holds one or more statements, ended by semicolons, that run in psql
 * as they stand; a parameter NAME is written `:'NAME'` (psql's own form) and becomes $n. All
 * statements of a file see the same parameters. The build tool makes a struct db_query of each
 * file.
 */
#ifndef DEPOT_DB_QUERY_H
#define DEPOT_DB_QUERY_H

#include <google/protobuf/timestamp.pb-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "pb/schema.h"

struct db_list; /* db/shape.h */

struct db_statement {
    const char *name;      /* get_resource_0: the prepared statement's name */
    const char *sql;       /* with $1, $2 */
    const uint8_t *params; /* $n is the query's parameter params[n-1] */
    size_t n_params;
};

struct db_query {
    const char *name; /* get_resource */
    const char *const *params;
    size_t n_params;
    const struct db_statement *statements;
    size_t n_statements;
    const struct db_list *list; /* of a list with `filter` or `order_by`, else NULL */
    /* queries/<method>_then.sql: what follows in a transaction of its own; NULL: nothing */
    const struct db_query *then;
};

/* --- the first half of a handler: parameters --- */

/* The parameter values of one call. Text is not copied: it must live as long as the call. */
struct db_params;

/*
 * Each sets a parameter; a name that the query does not have is a bug (assertion), so is one that
 * nobody set when the query is sent. Before the handler's first half runs, every parameter named
 * like a scalar, enum, or Timestamp field of the request has its value (an unset Timestamp and an
 * empty string of a field that is not required are SQL's NULL and '' respectively; enums are their
 * names). Strings have been checked to be UTF-8 without NUL.
 */
void db_set_text(struct db_params *params, const char *name, const char *value); /* NULL: NULL */
void db_set_int(struct db_params *params, const char *name, int64_t value);
void db_set_bool(struct db_params *params, const char *name, bool value);
void db_set_time(struct db_params *params, const char *name,
                 const Google__Protobuf__Timestamp *value); /* NULL: NULL */

/* Sets it to a new id: a UUIDv7. */
void db_set_new_id(struct db_params *params, const char *name);

/*
 * Reserved names, which have their values before the first half runs, from what was authorised and
 * never from the request: `caller_id` (a UUID as text, NULL: nobody), `caller_name` (for the
 * record:
 * '', a user name, or that with the id of the API key behind it), `caller_role` (ANONYMOUS, MEMBER,
 * MANAGER, ADMIN, OPERATOR), `caller_sees_all` (boolean: whether the method reaches what is
 * somebody else's), `client_address` (''), `request_id` ('').
 */

/* All scalar, enum, Timestamp, map<string,string> (as a JSON object) and repeated string fields (as
 * a JSON array) of `message` whose names are parameters, except output-only ones: for the thing
 * inside a create request. */
void db_set_fields(struct db_params *params, const struct pb_message *schema,
                   const ProtobufCMessage *message);

/*
 * For a request that changes a part of a thing (pb/update.h): the thing's fields as db_set_fields
 * does it; for every parameter `set_FIELD` whether the request names the field; for `set_any`
 * whether it names any.
 */
void db_set_update(struct db_params *params, const struct pb_message *schema,
                   const ProtobufCMessage *request);

/* Whether such a request names the thing's field; a name that it does not have is a bug. */
bool db_update_sets(const struct pb_message *schema, const ProtobufCMessage *request,
                    const char *name);

/*
 * Takes a lock until the transaction ends, before the first write of the batch: whatever a
 * statement may have to wait for (a row, a unique name) must be behind one. All locks of a batch
 * are taken in one global order, so batches cannot deadlock. `kind` and `key` name it.
 */
void db_lock(struct db_params *params, const char *kind, const char *key);

/* --- the second half: rows --- */

/* The results of one call's statements; alive while the second half runs. */
struct db_rows;

size_t db_row_count(const struct db_rows *rows, size_t statement);

/*
 * A value by its column name; a column that is not there or is of another type is a bug
 * (assertion). Text lives in the call's arena. NULL is "", 0, false; db_is_null tells.
 */
bool db_is_null(const struct db_rows *rows, size_t statement, size_t row, const char *column);
const char *db_text(const struct db_rows *rows, size_t statement, size_t row, const char *column);
int64_t db_int(const struct db_rows *rows, size_t statement, size_t row, const char *column);
bool db_bool(const struct db_rows *rows, size_t statement, size_t row, const char *column);
int64_t db_time_us(const struct db_rows *rows, size_t statement, size_t row, const char *column);

/*
 * Fills the fields of `message` from the row's columns of the same names: text, uuid (as text),
 * bool, int4, int8 to an int32 field if it fits, float8, timestamptz to Timestamp (NULL or
 * infinite: unset), jsonb objects to map<string,string>, jsonb arrays of strings to repeated
 * string, enum names to enums. Columns without a
 * field of the name and fields without a column are left alone. RESOURCE_EXHAUSTED as a problem of
 * the call if its arena's cap is reached.
 */
enum status db_read(struct call *call, const struct db_rows *rows, size_t statement, size_t row,
                    const struct pb_message *schema, ProtobufCMessage *message) MUST_CHECK;

/*
 * Fills a new array in the arena with `n` messages of the schema from the first `n` rows: a
 * list's repeated field.
 */
enum status db_read_list(struct call *call, const struct db_rows *rows, size_t statement, size_t n,
                         const struct pb_message *schema, ProtobufCMessage ***messages) MUST_CHECK;

#endif
