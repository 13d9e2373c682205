/* What depot-migrate can do: each command is a function over what the command line said. */
#ifndef DEPOT_TOOLS_MIGRATE_COMMAND_H
#define DEPOT_TOOLS_MIGRATE_COMMAND_H

#include "db/options.h"

struct command_line {
    const char *service;    /* --service; NULL: all */
    const char *confirm;    /* --confirm; NULL: not given */
    bool platform;          /* --platform: `down` takes the platform's versions back */
    bool production;        /* by APP_ENV: nothing is deleted because somebody said yes */
    int n_arguments;        /* after the command */
    char *const *arguments; /* NULL-terminated */
};

/* All return the exit code and say on standard error what went wrong. */
int command_up(const struct db_settings *settings, const struct command_line *line);
int command_down(const struct db_settings *settings, const struct command_line *line);
int command_status(const struct db_settings *settings, const struct command_line *line);
int command_reset(const struct db_settings *settings, const struct command_line *line);
int command_url(const struct db_settings *settings, const struct command_line *line);
int command_psql(const struct db_settings *settings, const struct command_line *line);

/* Prints "depot-migrate: " and the error, and returns the exit code that its status means. */
int command_fail(enum status status, const struct error *error);

/* Prints "depot-migrate: " and a line about a wrong command line, and returns EXIT_CONFIG. */
int command_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
