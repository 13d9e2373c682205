#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/migrate.h"
#include "services.h"

int
command_fail(enum status status, const struct error *error)
{
    fprintf(stderr, "depot-migrate: %s\n", error->text);
    switch (status) {
    case STATUS_UNAVAILABLE:
        return EXIT_UNAVAILABLE;
    case STATUS_INVALID_ARGUMENT:
        return EXIT_CONFIG;
    default:
        return EXIT_FAILURE;
    }
}

int
command_misuse(const char *format, ...)
{
    va_list args;

    fputs("depot-migrate: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("; see depot-migrate --help\n", stderr);
    return EXIT_CONFIG;
}

static enum status
connect_database(const struct db_settings *settings, struct db_conn **conn, struct error *error)
{
    struct db_options options = db_settings_options(settings, "depot-migrate", NULL);

    return db_connect_retry(&options, settings->max_retry, NULL, conn, error);
}

/* What a service would refuse to start on is not migrated either. */
static enum status
connect_safe(const struct db_settings *settings, struct db_conn **conn, struct error *error)
{
    struct db_options options = db_settings_options(settings, "depot-migrate", NULL);
    enum status status = connect_database(settings, conn, error);

    if (status == STATUS_OK) {
        status = db_check_safe(&options, *conn, error);
        status = status == STATUS_FAILED_PRECONDITION ? STATUS_INVALID_ARGUMENT : status;
    }
    return status;
}

static enum status
migrate_all(struct db_conn *conn, const struct db_settings *settings,
            const struct services *services, struct error *error)
{
    const char *dir = settings->migrations_dir;
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < services->n; i++) {
        status = db_migrate_up(conn, dir, services->names[i], NULL, error);
        if (status == STATUS_OK) {
            status = db_migrate_grants(conn, dir, services->names[i], error);
        }
    }
    return status;
}

static enum status
print_all(struct db_conn *conn, const struct db_settings *settings, const struct services *services,
          struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < services->n; i++) {
        status =
            db_migrate_status(conn, settings->migrations_dir, services->names[i], stdout, error);
    }
    return status;
}

static enum status
reset_all(struct db_conn *conn, const struct services *services, struct error *error)
{
    const char *names[SERVICES_MAX];

    for (size_t i = 0; i < services->n; i++) {
        names[i] = services->names[i];
    }
    return db_migrate_reset(conn, names, services->n, error);
}

/* The exit code, once the connection is closed. */
static int
finish(struct db_conn *conn, enum status status, const struct error *error)
{
    db_close(conn);
    return status == STATUS_OK ? EXIT_SUCCESS : command_fail(status, error);
}

int
command_up(const struct db_settings *settings, const struct command_line *line)
{
    struct services services;
    struct db_conn *conn = NULL;
    struct error error;
    enum status status = services_find(settings->migrations_dir, line->service, &services, &error);

    if (line->n_arguments > 0) {
        return command_misuse("up takes no argument");
    }
    if (status == STATUS_OK) {
        status = connect_safe(settings, &conn, &error);
    }
    if (status == STATUS_OK) {
        status = migrate_all(conn, settings, &services, &error);
    }
    if (status == STATUS_OK) {
        status = print_all(conn, settings, &services, &error);
    }
    return finish(conn, status, &error);
}

/* `down` takes one version back unless a number is given. */
static bool
parse_steps(const struct command_line *line, int *steps)
{
    char *end;
    long number;

    if (line->n_arguments == 0) {
        *steps = 1;
        return true;
    }
    number = strtol(line->arguments[0], &end, 10);
    if (line->n_arguments > 1 || end == line->arguments[0] || *end != '\0' || number < 1 ||
        number > 9999) {
        return false;
    }
    *steps = (int)number;
    return true;
}

int
command_down(const struct db_settings *settings, const struct command_line *line)
{
    enum db_migrate_part part = line->platform ? DB_MIGRATE_PLATFORM : DB_MIGRATE_OWN;
    struct services services;
    struct db_conn *conn = NULL;
    struct error error;
    enum status status = services_find(settings->migrations_dir, line->service, &services, &error);
    int steps;

    if (!parse_steps(line, &steps)) {
        return command_misuse("down takes a number of versions from 1 to 9999");
    }
    if (status == STATUS_OK && services.n > 1) {
        return command_misuse("down needs --service=NAME: %s holds several",
                              settings->migrations_dir);
    }
    if (status == STATUS_OK) {
        status = connect_database(settings, &conn, &error);
    }
    if (status == STATUS_OK) {
        status =
            db_migrate_down(conn, settings->migrations_dir, services.names[0], part, steps, &error);
    }
    if (status == STATUS_OK) {
        status = print_all(conn, settings, &services, &error);
    }
    return finish(conn, status, &error);
}

int
command_status(const struct db_settings *settings, const struct command_line *line)
{
    struct services services;
    struct db_conn *conn = NULL;
    struct error error;
    enum status status = services_find(settings->migrations_dir, line->service, &services, &error);

    if (line->n_arguments > 0) {
        return command_misuse("status takes no argument");
    }
    if (status == STATUS_OK) {
        status = connect_database(settings, &conn, &error);
    }
    if (status == STATUS_OK) {
        status = print_all(conn, settings, &services, &error);
    }
    return finish(conn, status, &error);
}

/* Reads the answer of a person; what is piped in is no person. */
static bool
ask(const char *database)
{
    char answer[256] = "";

    fprintf(stderr,
            "Everything of Depot in the database \"%s\" will be deleted.\n"
            "Type its name to go on: ",
            database);
    if (fgets(answer, sizeof(answer), stdin) == NULL) {
        return false;
    }
    answer[strcspn(answer, "\n")] = '\0';
    return strcmp(answer, database) == 0;
}

static enum status
confirm(const struct command_line *line, const char *database, struct error *error)
{
    if (line->confirm != NULL) {
        return strcmp(line->confirm, database) == 0
                   ? STATUS_OK
                   : error_set(error, STATUS_INVALID_ARGUMENT,
                               "nothing was deleted: the database is \"%s\", not \"%s\"", database,
                               line->confirm);
    }
    if (line->production || !isatty(STDIN_FILENO)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "nothing was deleted: say --confirm=%s if everything in it is to go",
                         database);
    }
    return ask(database) ? STATUS_OK : error_set(error, STATUS_CANCELLED, "nothing was deleted");
}

int
command_reset(const struct db_settings *settings, const struct command_line *line)
{
    struct services services;
    struct db_conn *conn = NULL;
    struct error error;
    enum status status = services_find(settings->migrations_dir, NULL, &services, &error);

    if (line->n_arguments > 0 || line->service != NULL) {
        return command_misuse("reset deletes the data of all services and takes no argument but "
                              "--confirm=DATABASE");
    }
    if (status == STATUS_OK) {
        status = connect_safe(settings, &conn, &error);
    }
    if (status == STATUS_OK) {
        status = confirm(line, db_conn_database(conn), &error);
    }
    if (status == STATUS_OK) {
        status = reset_all(conn, &services, &error);
    }
    if (status == STATUS_OK) {
        status = migrate_all(conn, settings, &services, &error);
    }
    if (status == STATUS_OK) {
        status = print_all(conn, settings, &services, &error);
    }
    return finish(conn, status, &error);
}

int
command_url(const struct db_settings *settings, const struct command_line *line)
{
    struct db_options options = db_settings_options(settings, NULL, NULL);
    struct buf text = BUF_INIT;

    if (line->n_arguments > 0) {
        return command_misuse("url takes no argument");
    }
    db_options_describe(&options, &text);
    printf("%.*s\n", (int)text.length_bytes, text.data);
    buf_fini(&text);
    return EXIT_SUCCESS;
}

/* All services' schemas, as libpq is told of them; "" if there are none. */
static void
list_schemas(const struct db_settings *settings, char *list, size_t list_bytes)
{
    struct services services;
    struct error error;
    size_t length = 0;

    list[0] = '\0';
    if (services_find(settings->migrations_dir, NULL, &services, &error) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < services.n && length < list_bytes; i++) {
        length += (size_t)snprintf(list + length, list_bytes - length, "%s%s", i == 0 ? "" : ",",
                                   services.names[i]);
    }
}

int
command_psql(const struct db_settings *settings, const struct command_line *line)
{
    char schemas[SERVICES_MAX * SERVICE_NAME_BYTES];
    struct db_options options = db_settings_options(settings, NULL, NULL);
    char **argv = calloc((size_t)line->n_arguments + 2, sizeof(*argv));
    char name[] = "psql";

    if (argv == NULL) {
        return EXIT_FAILURE;
    }
    argv[0] = name;
    memcpy(argv + 1, line->arguments, (size_t)line->n_arguments * sizeof(*argv));
    list_schemas(settings, schemas, sizeof(schemas));
    options.schema = schemas[0] == '\0' ? NULL : schemas;
    db_options_export(&options);
    execvp("psql", argv);
    fprintf(stderr, "depot-migrate: psql cannot be run: %s (Debian: postgresql-client)\n",
            strerror(errno));
    free(argv);
    return EXIT_FAILURE;
}
