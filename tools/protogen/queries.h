/*
 * A service's queries: its .sql files taken apart, each with the method that calls it. Each rpc has
 * a query, queries/<method>.sql, and may have a second one, queries/<method>_then.sql.
 */
#ifndef DEPOT_PROTOGEN_QUERIES_H
#define DEPOT_PROTOGEN_QUERIES_H

#include "contract.h"
#include "sql.h"

struct query {
    const char *path, *name; /* .../queries/login_then.sql, login_then */
    const struct def_method *method;
    bool is_then;
    const struct query *then; /* the method's second one, if this is the first; NULL: none */
    struct sql_file sql;
};

struct queries {
    struct query *list; /* in the order of the paths */
    size_t n;
};

/*
 * Reads the files of a service's contracts. False, with `file:line:column: what is wrong` on
 * standard error for each fault, when a file cannot be read or is refused by sql_parse, an rpc has
 * no query or a query no rpc, or two rpcs of different files have one name. `folder` is for what is
 * said.
 */
bool queries_load(struct arena *arena, const struct def_file *const *files, size_t n_files,
                  const char *folder, char *const *paths, size_t n_paths, struct queries *out);

/*
 * Whether the queries do what their methods promise; the faults go to standard error:
 *
 * - a list has the slots that its request needs, and no other query has any;
 * - a method with `others` says in SQL whose a row may be: `caller_id` and `caller_sees_all`;
 * - a method that changes something adds to depot_audit, unless the service calls it by itself;
 * - a method with an idempotency key, whose effect and record are one transaction, has one query.
 */
bool queries_check(const struct queries *self);

/* Whether the query is a list's with a filter or an order. */
bool query_is_list(const struct query *self);

#endif
