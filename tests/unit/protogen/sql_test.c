/* SQL taken apart: what is a parameter, what ends a statement, and what is neither. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql.h"

static struct arena arena;
static struct sql_file file;
static struct sql_fault fault;

static void
setup(void)
{
    arena_init(&arena, 4096, 0);
}

static void
teardown(void)
{
    arena_fini(&arena);
}

TestSuite(sql, .init = setup, .fini = teardown);

/* The only statement of a text. */
static const char *
one(const char *text)
{
    cr_assert(sql_parse(&arena, text, &file, &fault), "%d:%d: %s", fault.line, fault.column,
              fault.text);
    cr_assert_eq(file.n_statements, 1);
    cr_assert_null(file.statements->next);
    return file.statements->text;
}

static void
refused(const char *text, int line, int column, const char *why)
{
    cr_assert_not(sql_parse(&arena, text, &file, &fault), "%s", text);
    cr_assert_not_null(strstr(fault.text, why), "%s", fault.text);
    cr_assert_eq(fault.line, line, "%s: line %d", text, fault.line);
    cr_assert_eq(fault.column, column, "%s: column %d", text, fault.column);
}

/* --- parameters --- */

Test(sql, parameters_are_numbered_by_first_use)
{
    cr_assert_str_eq(one("SELECT :'b'::int, :'a'::text, :'b'::int;"),
                     "SELECT $1::int, $2::text, $1::int");
    cr_assert_eq(file.n_params, 2);
    cr_assert_str_eq(file.params[0], "b");
    cr_assert_str_eq(file.params[1], "a");
    cr_assert_eq(file.statements->n_params, 2);
    cr_assert_eq(file.statements->params[0], 0);
    cr_assert_eq(file.statements->params[1], 1);
}

/* Each statement counts anew, over one list of names for the file. */
Test(sql, every_statement_has_its_own_numbers)
{
    const struct sql_statement *second;

    cr_assert(sql_parse(&arena, "SELECT :'a', :'b';\nSELECT :'c', :'b';\n", &file, &fault));
    cr_assert_eq(file.n_statements, 2);
    cr_assert_eq(file.n_params, 3);
    second = file.statements->next;
    cr_assert_str_eq(second->text, "SELECT $1, $2");
    cr_assert_eq(second->n_params, 2);
    cr_assert_str_eq(file.params[second->params[0]], "c");
    cr_assert_str_eq(file.params[second->params[1]], "b");
}

Test(sql, a_name_that_begins_as_another_is_another)
{
    cr_assert_str_eq(one("SELECT :'id', :'id_2';"), "SELECT $1, $2");
    cr_assert_eq(file.n_params, 2);
}

Test(sql, casts_slices_and_assignments_are_no_parameters)
{
    cr_assert_str_eq(one("SELECT a::int, b[1:2], f(x := 1), '{}'::text[];"),
                     "SELECT a::int, b[1:2], f(x := 1), '{}'::text[]");
    cr_assert_eq(file.n_params, 0);
}

Test(sql, other_forms_of_parameters_are_refused)
{
    refused("SELECT :name;", 1, 8, "psql variable");
    refused("SELECT\n  :\"name\";", 2, 3, "psql variable");
    refused("SELECT :{?name};", 1, 8, "psql variable");
    refused("SELECT $1;", 1, 8, "numbered parameter");
    refused("SELECT :'';", 1, 8, "without a name");
    refused("SELECT :'a b';", 1, 8, "without a name");
    refused("SELECT :'1';", 1, 8, "without a name");
    refused("SELECT :'a", 1, 8, "without a name");
    refused("\\set x 1\nSELECT 1;", 1, 1, "psql command");
}

Test(sql, too_many_parameters_are_refused)
{
    char text[8192] = "SELECT 0";
    size_t n = strlen(text);

    for (int i = 0; i < 255; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, ", :'p%d'", i);
    }
    snprintf(text + n, sizeof text - n, ";");
    cr_assert_not_null(one(text));
    cr_assert_eq(file.n_params, 255);
    snprintf(text + n, sizeof text - n, ", :'q';");
    cr_assert_not(sql_parse(&arena, text, &file, &fault));
    cr_assert_not_null(strstr(fault.text, "more parameters"));
}

/* --- what hides parameters and semicolons --- */

Test(sql, literals_are_left_alone)
{
    cr_assert_str_eq(one("SELECT ':''a''; --', 'it''s;', \":'b';\";"),
                     "SELECT ':''a''; --', 'it''s;', \":'b';\"");
    cr_assert_eq(file.n_params, 0);
}

Test(sql, a_backslash_escapes_only_in_escape_strings)
{
    cr_assert_str_eq(one("SELECT E'\\'; :''a''', :'p';"), "SELECT E'\\'; :''a''', $1");
    cr_assert_str_eq(one("SELECT '\\', :'p', '\\';"), "SELECT '\\', $1, '\\'");
    /* The E is the end of a name: an ordinary literal of a type. */
    cr_assert_str_eq(one("SELECT date'\\', :'p';"), "SELECT date'\\', $1");
}

Test(sql, dollar_quotes_are_left_alone)
{
    cr_assert_str_eq(one("DO $$ ; :'a' $x$ ' $$;"), "DO $$ ; :'a' $x$ ' $$");
    cr_assert_str_eq(one("DO $tag$ ; $$ $tags$ :'a' $tag$;"), "DO $tag$ ; $$ $tags$ :'a' $tag$");
    cr_assert_str_eq(one("SELECT a$b$, :'p', c$b$;"), "SELECT a$b$, $1, c$b$");
}

Test(sql, comments_go)
{
    cr_assert_str_eq(one("-- :'a'; it's\nSELECT 1 -- ; 'open\n  , 2;"), "SELECT 1 \n  , 2");
    cr_assert_str_eq(one("/* ; /* nested :'b' */ ' */ SELECT/**/1;"), "SELECT 1");
    cr_assert_eq(file.n_params, 0);
}

/* A minus or a slash alone begins nothing. */
Test(sql, operators_are_no_comments)
{
    cr_assert_str_eq(one("SELECT 1 - 2 / 3 - -4, j->>'a';"), "SELECT 1 - 2 / 3 - -4, j->>'a'");
}

/* --- statements --- */

Test(sql, statements_end_with_semicolons)
{
    cr_assert(sql_parse(&arena, "SELECT 1;\n\n-- between\nSELECT 2;\n-- behind\n", &file, &fault));
    cr_assert_eq(file.n_statements, 2);
    cr_assert_str_eq(file.statements->text, "SELECT 1");
    cr_assert_str_eq(file.statements->next->text, "SELECT 2");
}

Test(sql, what_is_no_statement_is_refused)
{
    refused("", 1, 1, "no statement");
    refused("  \n-- only this;\n", 3, 1, "no statement");
    refused("SELECT 1", 1, 9, "without its semicolon");
    refused("SELECT 1; SELECT 2", 1, 19, "without its semicolon");
    refused("SELECT 1;;", 1, 10, "semicolon without a statement");
}

Test(sql, what_is_not_closed_is_refused)
{
    refused("SELECT 1,\n  'open;", 2, 3, "quote that is not closed");
    refused("SELECT \"open;", 1, 8, "quote that is not closed");
    refused("DO $a$ ; $b$;", 1, 4, "dollar quote that is not closed");
    refused("SELECT 1; /* /* */ ;", 1, 11, "comment that is not closed");
}

/* No text, however cut, ends the reader. */
Test(sql, every_beginning_of_a_text_is_survived)
{
    const char *text = "SELECT E'a\\'b', :'name', $t$x$t$, \"q\"\"r\", a$b -- c\n/* /* d */ */ ;";

    for (size_t i = 0; i <= strlen(text); i++) {
        char *part = strndup(text, i);

        cr_assert_eq(sql_parse(&arena, part, &file, &fault), i == strlen(text), "%s", part);
        free(part);
    }
}

/* --- slots --- */

/* The pieces of the only statement: `text`, `<n>` for a parameter, `[slot` and `]`. */
static void
expect_pieces(const char *text, const char *expected)
{
    char out[512] = "";
    size_t n = 0;

    one(text);
    for (const struct sql_piece *piece = file.statements->pieces; piece != NULL;
         piece = piece->next) {
        switch (piece->kind) {
        case SQL_PIECE_TEXT:
            n += (size_t)snprintf(out + n, sizeof out - n, "%s", piece->text);
            break;
        case SQL_PIECE_PARAM:
            n += (size_t)snprintf(out + n, sizeof out - n, "<%u>", piece->index);
            break;
        case SQL_PIECE_SLOT:
            n += (size_t)snprintf(out + n, sizeof out - n, "[%u", piece->index);
            break;
        default:
            n += (size_t)snprintf(out + n, sizeof out - n, "]");
        }
    }
    cr_assert_str_eq(out, expected, "%s", out);
}

Test(sql, slots_are_pieces)
{
    expect_pieces("SELECT 1;", "SELECT 1");
    expect_pieces("SELECT :'a', :'b', :'a' ;\n", "SELECT <0>, <1>, <0>");
    expect_pieces("SELECT 1 WHERE /* filter { */true/* } */\nORDER BY /*order {*/ id /*}*/;",
                  "SELECT 1 WHERE  [0true ]\nORDER BY  [2 id  ]");
    expect_pieces("SELECT 1 WHERE /* after { */ x > :'a' /* } */ AND :'a' = 1;",
                  "SELECT 1 WHERE  [1 x > <0>  ] AND <0> = 1");
    cr_assert(file.statements->slots[SQL_SLOT_AFTER]);
    cr_assert_not(file.statements->slots[SQL_SLOT_FILTER]);
    cr_assert_str_eq(file.statements->text, "SELECT 1 WHERE   x > $1   AND $1 = 1");
}

Test(sql, other_comments_are_no_slots)
{
    expect_pieces("SELECT 1 /* filter */ /* a filter { */ /* filter { x */ -- filter {\n;",
                  "SELECT 1");
    expect_pieces("SELECT '/* filter { */', \"/* } */\";", "SELECT '/* filter { */', \"/* } */\"");
}

Test(sql, slots_that_are_wrong)
{
    refused("SELECT /* filter { */ true;", 1, 8, "a slot that is not closed");
    refused("SELECT true /* } */;", 1, 13, "the end of a slot that was not begun");
    refused("SELECT /* filter { */ /* order { */ 1 /* } */ /* } */;", 1, 23, "within a slot");
    refused("SELECT /* filter { */ 1 /* } */ /* filter { */ 1 /* } */;", 1, 33, "second time");
    refused("/* filter { */ SELECT 1 /* } */;", 1, 1, "before its statement");
}
