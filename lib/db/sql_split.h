/*
 * The statements of an SQL script, one by one, as psql would send them: so that a failure can be
 * told with its line, and so that what must not stand in a migration is found before it runs. It
 * knows where a statement ends, not what it means; PostgreSQL stays the judge of the rest.
 */
#ifndef DEPOT_DB_SQL_SPLIT_H
#define DEPOT_DB_SQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

struct sql_statement {
    const char *text; /* from its first word, without the semicolon; not NUL-terminated */
    size_t length_bytes;
    int line; /* of its first word, from 1 */
};

/* The rest of a script; init with {text, 1}. */
struct sql_script {
    const char *at;
    int line;
};

/* Takes the next statement that is not empty; false at the end. Quotes and comments that never end
 * go to the end of the script. */
bool sql_next(struct sql_script *script, struct sql_statement *statement);

/* BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kind. */
bool sql_is_transaction_control(const struct sql_statement *statement);

/* CREATE EXTENSION without the word SCHEMA. */
bool sql_lacks_schema_of_extension(const struct sql_statement *statement);

#endif
