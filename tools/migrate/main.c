/*
 * depot-migrate: brings the database's schema up and down, says where it stands, and opens psql.
 * It reads the same settings as the services.
 */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"

static const struct command {
    const char *name, *arguments, *text;
    int (*run)(const struct db_settings *settings, const struct command_line *line);
} commands[] = {
    {"up", "", "bring the schema to the newest version", command_up},
    {"down", "[N]", "take the newest version back, or the newest N", command_down},
    {"status", "", "list the versions, applied or pending", command_status},
    {"reset", "", "delete everything of all services and migrate anew", command_reset},
    {"url", "", "say where the database is, without its password", command_url},
    {"psql", "[ARGUMENT...]", "open psql on the database", command_psql},
};

/* Beside those of the database. */
struct own_settings {
    const char *environment;
};

static const struct config_item own_items[] = {
    {"APP_ENV", CONFIG_STRING, NULL, 0, 0, "",
     "`production`: `reset` asks nobody, it must be told with --confirm=DATABASE; the connection "
     "to a "
     "database on another machine must be encrypted.",
     false, offsetof(struct own_settings, environment)},
};

enum { N_OWN_ITEMS = sizeof(own_items) / sizeof(own_items[0]) };

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
print_help(void)
{
    puts("usage: depot-migrate [--service=NAME [--platform]] [--confirm=DATABASE] COMMAND "
         "[ARGUMENT...]\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char usage[64];

        snprintf(usage, sizeof(usage), "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-20s  %s\n", usage, commands[i].text);
    }
    puts("\n  --service=NAME        only this service's migrations (default: all)\n"
         "  --platform            down: not its own migrations but the platform's in its schema\n"
         "  --confirm=DATABASE    reset without asking, if this is the database's name\n"
         "  --help, --config-markdown\n\n"
         "Exit codes: 1 a migration failed, 69 the database could not be reached, 78 wrong "
         "settings\nor arguments.\n\nSettings, from the environment:");
    config_help(db_config_items, db_config_n_items, stdout);
    config_help(own_items, N_OWN_ITEMS, stdout);
}

static void
print_markdown(void)
{
    config_markdown(db_config_items, db_config_n_items, stdout);
    fputc('\n', stdout);
    config_markdown(own_items, N_OWN_ITEMS, stdout);
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* 0, or the option that ends the program ('h', 'm'), or '?'. */
static int
parse_options(int argc, char **argv, struct command_line *line)
{
    static const struct option options[] = {
        {"service", required_argument, NULL, 's'},   {"platform", no_argument, NULL, 'p'},
        {"confirm", required_argument, NULL, 'c'},   {"help", no_argument, NULL, 'h'},
        {"config-markdown", no_argument, NULL, 'm'}, {0}};
    int option;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        switch (option) {
        case 's':
            line->service = optarg;
            break;
        case 'p':
            line->platform = true;
            break;
        case 'c':
            line->confirm = optarg;
            break;
        default:
            return option;
        }
    }
    return 0;
}

/*
 * Options may stand before and after the command, but what follows psql is psql's. `*command` is
 * NULL if there is none. Returns as parse_options.
 */
static int
parse_line(int argc, char **argv, const char **command, struct command_line *line)
{
    int ended = parse_options(argc, argv, line);

    if (ended == 0 && optind < argc) {
        *command = argv[optind++];
        if (strcmp(*command, "psql") != 0) {
            ended = parse_options(argc, argv, line);
        }
    }
    line->n_arguments = argc - optind;
    line->arguments = argv + optind;
    return ended;
}

static enum status
load_own(struct command_line *line, struct error *error)
{
    struct own_settings settings = {0};
    enum status status = config_load(own_items, N_OWN_ITEMS, &settings, error);

    line->production =
        settings.environment != NULL && strcmp(settings.environment, "production") == 0;
    free((char *)settings.environment);
    return status;
}

static int
run(const char *name, struct command_line *line)
{
    const struct command *command = name == NULL ? NULL : find_command(name);
    struct db_settings settings;
    struct error error;
    enum status status;
    int code;

    if (command == NULL) {
        return name == NULL ? command_misuse("a command is missing")
                            : command_misuse("there is no command \"%s\"", name);
    }
    if (line->platform && command->run != command_down) {
        return command_misuse("only down takes --platform");
    }
    status = load_own(line, &error);
    if (status == STATUS_OK) {
        status = db_settings_load(&settings, &error);
    }
    if (status != STATUS_OK) {
        return command_fail(status, &error);
    }
    if (line->production) {
        status = db_settings_check_production(&settings, &error);
    }
    code = status == STATUS_OK ? command->run(&settings, line) : command_fail(status, &error);
    db_settings_fini(&settings);
    return code;
}

int
main(int argc, char **argv)
{
    struct command_line line = {0};
    const char *command = NULL;

    log_open("depot-migrate", LOG_WARN); /* people read the table that a command prints */
    switch (parse_line(argc, argv, &command, &line)) {
    case 0:
        return run(command, &line);
    case 'h':
        print_help();
        return EXIT_SUCCESS;
    case 'm':
        print_markdown();
        return EXIT_SUCCESS;
    default:
        return EXIT_CONFIG;
    }
}
