/* What SQLSTATEs and failed connections mean. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

#include "db/connect_error.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

Test(failure, each_sqlstate_has_its_kind)
{
    static const struct {
        const char *sqlstate;
        enum db_failure failure;
    } cases[] = {
        {NULL, DB_FAILURE_UNAVAILABLE},
        {"", DB_FAILURE_UNAVAILABLE},
        {"00000", DB_FAILURE_NONE},
        {"01000", DB_FAILURE_NONE},
        {"02000", DB_FAILURE_NONE},
        {"40P01", DB_FAILURE_RETRY},
        {"40001", DB_FAILURE_RETRY},
        {"40002", DB_FAILURE_BUG},
        {"08000", DB_FAILURE_UNAVAILABLE},
        {"08006", DB_FAILURE_UNAVAILABLE},
        {"08P01", DB_FAILURE_UNAVAILABLE},
        {"53100", DB_FAILURE_UNAVAILABLE},
        {"53300", DB_FAILURE_UNAVAILABLE},
        {"57P01", DB_FAILURE_UNAVAILABLE},
        {"57P02", DB_FAILURE_UNAVAILABLE},
        {"57P03", DB_FAILURE_UNAVAILABLE},
        {"25P03", DB_FAILURE_UNAVAILABLE},
        {"25P02", DB_FAILURE_BUG},
        {"25006", DB_FAILURE_UNAVAILABLE},
        {"57014", DB_FAILURE_TIMEOUT},
        {"55P03", DB_FAILURE_TIMEOUT},
        {"55006", DB_FAILURE_BUG},
        {"28P01", DB_FAILURE_FATAL},
        {"28000", DB_FAILURE_FATAL},
        {"3D000", DB_FAILURE_FATAL},
        {"3F000", DB_FAILURE_BUG},
        {"23505", DB_FAILURE_BUG},
        {"23P01", DB_FAILURE_BUG},
        {"42P01", DB_FAILURE_BUG},
        {"42601", DB_FAILURE_BUG},
        {"57000", DB_FAILURE_BUG},
        {"XX000", DB_FAILURE_BUG},
        {"5", DB_FAILURE_BUG},
    };

    for (size_t i = 0; i < N(cases); i++) {
        cr_assert_eq(db_failure_of(cases[i].sqlstate), cases[i].failure, "%s",
                     cases[i].sqlstate == NULL ? "NULL" : cases[i].sqlstate);
    }
}

#define AT "connection to server at \"db\" (10.0.0.1), port 5432 failed: "

static const struct connect_case {
    const char *text; /* as of libpq */
    bool needs_password;
    enum db_failure failure;
    const char *line; /* for people */
} connect_cases[] = {
    {AT "FATAL:  28P01: password authentication failed for user \"u\"\nLOCATION:  auth_failed, "
        "auth.c:326\n",
     false, DB_FAILURE_FATAL, AT "password authentication failed for user \"u\" (28P01)"},
    {AT "ВАЖНО:  3D000: база данных \"x\" не существует\n", false, DB_FAILURE_FATAL,
     AT "база данных \"x\" не существует (3D000)"},
    {AT "FATAL:  57P03: the database system is starting up\n", false, DB_FAILURE_UNAVAILABLE,
     AT "the database system is starting up (57P03)"},
    {AT "FATAL:  53300: sorry, too many clients already\n", false, DB_FAILURE_UNAVAILABLE,
     AT "sorry, too many clients already (53300)"},
    /* What only a server that answers can say is final, whatever it would mean in a session. */
    {AT "FATAL:  42501: permission denied for database \"x\"\n", false, DB_FAILURE_FATAL,
     AT "permission denied for database \"x\" (42501)"},
    {AT "Connection refused\n\tIs the server running on that host and accepting TCP/IP "
        "connections?\n",
     false, DB_FAILURE_UNAVAILABLE, AT "Connection refused"},
    {AT "server closed the connection unexpectedly\n\tThis probably means\n", false,
     DB_FAILURE_UNAVAILABLE, AT "server closed the connection unexpectedly"},
    {AT "fe_sendauth: no password supplied\n", true, DB_FAILURE_FATAL,
     AT "a password is asked for, and none is given"},
    {"could not translate host name \"nix\" to address: Name or service not known\n", false,
     DB_FAILURE_UNAVAILABLE,
     "could not translate host name \"nix\" to address: Name or service not known"},
    {"invalid sslmode value: \"x\"\n", false, DB_FAILURE_FATAL, "invalid sslmode value: \"x\""},
    {AT "server does not support SSL, but SSL was required\n", false, DB_FAILURE_FATAL,
     AT "server does not support SSL, but SSL was required"},
    /* The last address of a host is what ended the attempt, both ways. */
    {AT "FATAL:  57P03: the database system is starting up\n" AT "FATAL:  28P01: no\n", false,
     DB_FAILURE_FATAL, AT "no (28P01)"},
    {AT "FATAL:  28P01: no\n" AT "Connection refused\n", false, DB_FAILURE_UNAVAILABLE,
     AT "Connection refused"},
    /* A message that quotes something like a SQLSTATE has none, and one cut short is read. */
    {AT "FATAL:  28P0: no\n", false, DB_FAILURE_UNAVAILABLE, AT "FATAL:  28P0: no"},
    {AT "FATAL:  28P01:", false, DB_FAILURE_UNAVAILABLE, AT "FATAL:  28P01:"},
    {"", false, DB_FAILURE_UNAVAILABLE, ""},
};

Test(failure, a_failed_connection_is_read)
{
    for (size_t i = 0; i < N(connect_cases); i++) {
        const struct connect_case *c = &connect_cases[i];
        enum db_failure failure = DB_FAILURE_NONE;
        struct error error = {""};
        enum status status = db_connect_error_read(c->text, c->needs_password, &failure, &error);

        cr_assert_str_eq(error.text, c->line);
        cr_assert_eq(failure, c->failure, "%s", c->text);
        cr_assert_eq(status,
                     failure == DB_FAILURE_FATAL ? STATUS_INVALID_ARGUMENT : STATUS_UNAVAILABLE);
    }
}
