/* Where statements end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/sql_split.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* All statements of a script with their lines: "1:SELECT 1|2:SELECT 2|". */
static char *
split(const char *text)
{
    struct sql_script script = {text, 1};
    struct sql_statement statement;
    char *out = calloc(1, 4096);
    size_t length = 0;

    cr_assert_not_null(out);
    while (sql_next(&script, &statement)) {
        cr_assert_gt(statement.length_bytes, 0);
        length += (size_t)snprintf(out + length, 4096 - length, "%d:%.*s|", statement.line,
                                   (int)statement.length_bytes, statement.text);
    }
    return out;
}

static const struct {
    const char *text, *statements;
} cases[] = {
    {"", ""},
    {" \n\t ;;\n ; ", ""},
    {"-- only a comment", ""},
    {"/* /* nested */ ; */ ;", ""},
    {"/* never closed ; SELECT 1;", ""},
    {"SELECT 1", "1:SELECT 1|"},
    {"SELECT 1;SELECT 2", "1:SELECT 1|1:SELECT 2|"},
    {"\n\nSELECT 1;\n-- x;\n/* y;\n */ SELECT\n2;\n", "3:SELECT 1|6:SELECT\n2|"},
    {"SELECT ';';SELECT 2", "1:SELECT ';'|1:SELECT 2|"},
    {"SELECT 'it''s;';SELECT 2", "1:SELECT 'it''s;'|1:SELECT 2|"},
    {"SELECT 'back\\';SELECT 2;'", "1:SELECT 'back\\'|1:SELECT 2|1:'|"},
    {"SELECT E'a\\';b''\\';';SELECT 2", "1:SELECT E'a\\';b''\\';'|1:SELECT 2|"},
    {"SELECT e'\\\\';SELECT 2", "1:SELECT e'\\\\'|1:SELECT 2|"},
    {"SELECT type'a\\';SELECT 2", "1:SELECT type'a\\'|1:SELECT 2|"},
    {"SELECT \"a;\"\"b\";SELECT 2", "1:SELECT \"a;\"\"b\"|1:SELECT 2|"},
    {"SELECT $$a;b$$;SELECT 2", "1:SELECT $$a;b$$|1:SELECT 2|"},
    {"SELECT $x$a;$$;$y$;$x$;SELECT 2", "1:SELECT $x$a;$$;$y$;$x$|1:SELECT 2|"},
    {"SELECT $1;SELECT $2", "1:SELECT $1|1:SELECT $2|"},
    {"SELECT a$b$;SELECT 2;$b$", "1:SELECT a$b$|1:SELECT 2|1:$b$|"},
    {"SELECT 1$b$;SELECT 2;$b$", "1:SELECT 1$b$|1:SELECT 2|1:$b$|"},
    {"SELECT $$never closed;", "1:SELECT $$never closed;|"},
    {"SELECT 'never closed;", "1:SELECT 'never closed;|"},
    {"SELECT E'never closed\\", "1:SELECT E'never closed\\|"},
    {"SELECT 1 - -1;SELECT 2", "1:SELECT 1 - -1|1:SELECT 2|"},
    {"SELECT 1 --;\n;SELECT 2", "1:SELECT 1 --;\n|2:SELECT 2|"},
    {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);SELECT 3",
     "1:CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)|1:SELECT 3|"},
    {"SELECT 1);SELECT 2", "1:SELECT 1)|1:SELECT 2|"},
    {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; "
     "END;SELECT 3",
     "1:CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; "
     "END|1:SELECT 3|"},
    {"create or replace procedure p() begin atomic select 1; end; select 2",
     "1:create or replace procedure p() begin atomic select 1; end|1:select 2|"},
    {"CREATE TABLE begin (end int);SELECT 1", "1:CREATE TABLE begin (end int)|1:SELECT 1|"},
    {"SELECT 'é;';\nSELECT ü;", "1:SELECT 'é;'|2:SELECT ü|"},
};

Test(sql_split, statements_end_where_psql_ends_them)
{
    for (size_t i = 0; i < N(cases); i++) {
        char *statements = split(cases[i].text);

        cr_assert_str_eq(statements, cases[i].statements, "%s\n%s", cases[i].text, statements);
        free(statements);
    }
}

static bool
is_control(const char *text)
{
    struct sql_script script = {text, 1};
    struct sql_statement statement;

    cr_assert(sql_next(&script, &statement));
    return sql_is_transaction_control(&statement);
}

Test(sql_split, transaction_control_is_seen)
{
    static const char *const control[] = {
        "BEGIN",
        "begin;",
        "Begin Transaction",
        "START TRANSACTION",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ROLLBACK TO a",
        "ABORT",
        "SAVEPOINT a",
        "RELEASE a",
        "COMMIT PREPARED 'x'",
        "PREPARE TRANSACTION 'x'",
        "prepare /* a */ -- b\n transaction 'x'",
        "-- first\n/* then */ COMMIT/**/AND CHAIN",
    };
    static const char *const other[] = {
        "SELECT 1",
        "PREPARE transaction_ AS SELECT 1",
        "PREPARE a AS SELECT 1",
        "PREPARE",
        "\"commit\"",
        "begins",
        "DO $$ BEGIN COMMIT; END $$",
        "CREATE TABLE commit ()",
    };

    for (size_t i = 0; i < N(control); i++) {
        cr_assert(is_control(control[i]), "%s", control[i]);
    }
    for (size_t i = 0; i < N(other); i++) {
        cr_assert_not(is_control(other[i]), "%s", other[i]);
    }
}

static bool
lacks_schema(const char *text)
{
    struct sql_script script = {text, 1};
    struct sql_statement statement;

    cr_assert(sql_next(&script, &statement));
    return sql_lacks_schema_of_extension(&statement);
}

Test(sql_split, an_extension_without_a_schema_is_seen)
{
    static const char *const lacking[] = {
        "CREATE EXTENSION x",
        "create /* a */ extension IF NOT EXISTS x -- schema y",
        "CREATE EXTENSION \"schema\" CASCADE",
    };
    static const char *const other[] = {
        "CREATE EXTENSION x SCHEMA y",    "CREATE EXTENSION x WITH\nschema y CASCADE",
        "CREATE SCHEMA extension",        "DROP EXTENSION x",
        "SELECT 'CREATE EXTENSION x'",    "CREATE",
        "CREATE TABLE extension (a int)",
    };

    for (size_t i = 0; i < N(lacking); i++) {
        cr_assert(lacks_schema(lacking[i]), "%s", lacking[i]);
    }
    for (size_t i = 0; i < N(other); i++) {
        cr_assert_not(lacks_schema(other[i]), "%s", other[i]);
    }
}
