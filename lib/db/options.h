/*
 * The settings of every program that uses the database, and what is made of them. A program that
 * has settings of its own keeps them in a table beside this one: it loads both and prints both in
 * --help and the documentation.
 */
#ifndef DEPOT_DB_OPTIONS_H
#define DEPOT_DB_OPTIONS_H

#include "base/buf.h"
#include "base/config.h"
#include "db/conn.h"

struct db_settings {
    const char *url;                           /* DATABASE_URL */
    const char *host, *user, *password, *name; /* POSTGRES_HOST, _USER, _PASSWORD, _DB */
    int port;                                  /* POSTGRES_PORT */
    const char *ssl_mode, *ssl_root_cert;      /* POSTGRES_SSLMODE, _SSLROOTCERT */
    int max_retry;                             /* DB_MAX_RETRY */
    bool allow_unsafe;                         /* ALLOW_UNSAFE_DB */
    const char *migrations_dir;                /* MIGRATIONS_DIR: holds <service>/ */
};

/* The rows of struct db_settings, for config_help, config_markdown and config_log. */
extern const struct config_item db_config_items[];
extern const size_t db_config_n_items;

/* Where migrations are unless MIGRATIONS_DIR is set: chosen when the program was built. */
extern const char db_default_migrations_dir[];

/*
 * Loads the settings from the environment and checks that they name a database: DATABASE_URL, or
 * POSTGRES_HOST, POSTGRES_USER and POSTGRES_DB. If both are given the URL wins, and a log line says
 * so. INVALID_ARGUMENT, with a line that names the variables and holds no password: a bad value,
 * neither of the two, parts of the second, a URL that libpq cannot read.
 */
enum status db_settings_load(struct db_settings *settings, struct error *error) MUST_CHECK;

/*
 * What APP_ENV=production asks for: INVALID_ARGUMENT if the database is on another machine and the
 * connection to it may be in the clear, that is, if sslmode is `disable`, `allow` or `prefer`.
 */
enum status db_settings_check_production(const struct db_settings *settings,
                                         struct error *error) MUST_CHECK;

/* Frees the strings of loaded settings: after the last use of options made of them. */
void db_settings_fini(struct db_settings *settings);

/* The settings as db_connect takes them; borrows all strings. `schema` as in struct db_options. */
struct db_options db_settings_options(const struct db_settings *settings,
                                      const char *application_name, const char *schema);

/* Appends `postgresql://user@host:port/name`, without the password: for people. */
void db_options_describe(const struct db_options *options, struct buf *out);

/*
 * Sets libpq's environment variables (PGHOST, PGPASSWORD and so on) of this process from the
 * options, for a program that is executed next: nothing secret stands on its command line.
 */
void db_options_export(const struct db_options *options);

#endif
