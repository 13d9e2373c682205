/*
 * The parameter values of one call's statements: what is behind query.h's db_set_* and db_lock.
 */
#ifndef DEPOT_DB_PARAMS_H
#define DEPOT_DB_PARAMS_H

#include "db/query.h"
#include "db/shape.h"

/*
 * Where the values of a query's parameters come from: fields of a method's request that have their
 * names, or, for the reserved names, the call. Made once, at start. A request may not have a field
 * of a reserved name that its query uses (assertion).
 */
struct db_binding {
    const struct db_query *query;
    const struct pb_message *schema;
    int16_t *fields; /* per parameter an index into schema->fields; -1: none; below: reserved */
};

/* Both tables must outlive the binding. */
void db_binding_init(struct db_binding *self, const struct db_query *query,
                     const struct pb_message *schema);
void db_binding_fini(struct db_binding *self);

struct db_params {
    struct call *call;
    const struct db_query *query;
    const char **values;          /* per parameter; NULL is SQL's NULL */
    const struct db_shape *shape; /* what takes the place of the list's statement, or NULL */
    bool *set;
    int64_t *locks; /* keys of advisory locks, in the order of the db_lock calls */
    size_t n_locks, locks_size;
    bool exhausted; /* the arena's cap was reached: the values are not complete */
};

/*
 * Puts values from the request's fields under the parameters of their names, and what the call says
 * of itself under the reserved ones. Text is not copied: request and call must live as long as the
 * params. All memory is the call's arena's; whether there was
 * enough is in `exhausted`, also after each db_set_*.
 */
void db_params_init(struct db_params *self, struct call *call, const struct db_binding *binding,
                    const ProtobufCMessage *request);

/*
 * The value of a field as a parameter is written: text for PostgreSQL's input functions. `value`
 * gets NULL for an unset message, wrapper or member of a oneof. False if the field has no such
 * text (repeated, a message). RFC 3339 for Timestamp, names for enums, a JSON object for
 * map<string,string>, a JSON array for repeated string, \x and hexadecimal digits for bytes.
 * `*exhausted` is set, never cleared.
 */
bool db_field_text(struct arena *arena, const struct pb_field *field,
                   const ProtobufCMessage *message, const char **value, bool *exhausted);

/*
 * The advisory lock's key for what db_lock names: the same in all processes. UUIDs that differ only
 * in the case of their digits are one.
 */
int64_t db_lock_key(const char *kind, const char *key);

#endif
