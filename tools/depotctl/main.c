/*
 * depotctl: what the contract says, and calls of its methods from a shell. It speaks to services
 * directly, never to the database, and knows no method by name.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "ctl.h"

enum { TIMEOUT_MAX_MS = 10 * 60 * 1000 };

struct command {
    const char *name;
    int min_args, max_args;
    int (*run)(struct ctl *self);
    const char *usage;
};

static const struct command commands[] = {
    {"services", 0, 0, ctl_services, "services"},
    {"methods", 0, 1, ctl_methods, "methods [service]"},
    {"routes", 0, 0, ctl_routes, "routes"},
    {"call", 2, 3, ctl_call, "call <address> <method> [JSON]"},
    {"health", 1, 2, ctl_health, "health <address> [service]"},
};

static const char help[] =
    "Usage: depotctl [options] <command> [arguments]\n"
    "\n"
    "  services                        lists the services of the contract\n"
    "  methods [service]               lists methods with their messages\n"
    "  routes                          lists HTTP routes: method, path, rpc, class, access, and\n"
    "                                  whether they are for sessions only, or public\n"
    "  call <address> <method> [JSON]  calls a method; without JSON the request is read from\n"
    "                                  standard input\n"
    "  health <address> [service]      prints SERVING or NOT_SERVING\n"
    "\n"
    "An address is host:port or tcp://host:port or tls+tcp://host:port. A method is\n"
    "Service/Method, or Method alone where only one service has it.\n"
    "\n"
    "Options of call and health:\n"
    "  --timeout-ms N           how long to wait, 1 to 600000; 5000 unless given\n"
    "  --token TOKEN            the access token of who asks; DEPOT_TOKEN keeps it from being\n"
    "                           seen by others on this machine\n"
    "  --principal NAME         who asks, where the service has AUTH_MODE=off\n"
    "  --request-id ID          the id for the services' logs; a new one unless given\n"
    "  --idempotency-key KEY    makes a repeated call have one effect\n"
    "  --tls-ca FILE            the authority that signed the service's certificate (PEM)\n"
    "  --tls-cert FILE          our own certificate and key in one file (PEM)\n"
    "  --help, --version\n"
    "\n"
    "Environment:\n"
    "  DEPOT_TOKEN              the access token, unless there is --token\n"
    "  DEPOT_API_KEY            without a token: an API key, for which the accounts service at\n"
    "                           ACCOUNTS_ADDRESSES gives one\n"
    "  RPC_TLS_DIR              without --tls-*: a folder with ca.pem and client.pem\n"
    "\n"
    "Exit codes: 0 done; 1 the call failed, or not serving; 64 wrong usage; 69 the service is\n"
    "away; 77 who calls is not known, or may not do it.\n"
    "\n"
    "  depotctl call 127.0.0.1:7001 ListResources '{\"type\": \"cars\"}'\n";

int
ctl_fail(int code, const char *format, ...)
{
    va_list args;

    fputs("depotctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

static int
set_timeout(struct ctl *self, const char *text)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > TIMEOUT_MAX_MS) {
        return ctl_fail(EXIT_USAGE, "--timeout-ms must be a number from 1 to %d, not '%s'",
                        TIMEOUT_MAX_MS, text);
    }
    self->context.timeout_ms = (int)value;
    return 0;
}

static const struct option options[] = {
    {"timeout-ms", required_argument, NULL, 't'},
    {"token", required_argument, NULL, 'o'},
    {"principal", required_argument, NULL, 'p'},
    {"request-id", required_argument, NULL, 'r'},
    {"idempotency-key", required_argument, NULL, 'k'},
    {"tls-ca", required_argument, NULL, 'a'},
    {"tls-cert", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {0},
};

static int
set_option(struct ctl *self, int option, const char *value)
{
    switch (option) {
    case 't':
        return set_timeout(self, value);
    case 'o':
        self->context.access_token = value;
        break;
    case 'p':
        self->context.principal = value;
        break;
    case 'r':
        self->context.request_id = value;
        break;
    case 'k':
        self->context.idempotency_key = value;
        break;
    case 'a':
        self->tls.ca_file = value;
        break;
    case 'c':
        self->tls.certificate_and_key_file = value;
        break;
    default: /* getopt_long has said what is wrong */
        return EXIT_USAGE;
    }
    return 0;
}

/* PROGRAM.pem of the folder; NULL if it cannot be read, or the program is not said. */
static const char *
find_pem(struct ctl *self, const char *folder, const char *program)
{
    const char *path =
        program == NULL ? NULL : arena_printf(&self->arena, "%s/%s.pem", folder, program);

    return path != NULL && access(path, R_OK) == 0 ? path : NULL;
}

/* As all processes do it; in a service's container there is the service's certificate only. */
static int
take_tls_folder(struct ctl *self)
{
    const char *folder = getenv("RPC_TLS_DIR");

    if (folder == NULL || folder[0] == '\0' || self->tls.ca_file != NULL) {
        return 0;
    }
    self->tls.ca_file = find_pem(self, folder, "ca");
    self->tls.certificate_and_key_file = find_pem(self, folder, "client");
    if (self->tls.certificate_and_key_file == NULL) {
        self->tls.certificate_and_key_file = find_pem(self, folder, getenv("SERVICE"));
    }
    if (self->tls.ca_file == NULL || self->tls.certificate_and_key_file == NULL) {
        return ctl_fail(EXIT_USAGE, "RPC_TLS_DIR: %s has no ca.pem and client.pem that can be read",
                        folder);
    }
    return 0;
}

static int
read_options(struct ctl *self, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int code;

        if (option == 'h' || option == 'v') {
            fputs(option == 'h' ? help : "depotctl " DEPOT_VERSION "\n", stdout);
            exit(EXIT_SUCCESS);
        }
        code = set_option(self, option, optarg);
        if (code != 0) {
            return code;
        }
    }
    if ((self->tls.ca_file == NULL) != (self->tls.certificate_and_key_file == NULL)) {
        return ctl_fail(EXIT_USAGE, "--tls-ca and --tls-cert belong together: give both or none");
    }
    return take_tls_folder(self);
}

static int
run_command(struct ctl *self, const char *name, int n_args)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct command *command = &commands[i];

        if (strcmp(command->name, name) != 0) {
            continue;
        }
        if (n_args < command->min_args || n_args > command->max_args) {
            return ctl_fail(EXIT_USAGE, "usage: depotctl %s", command->usage);
        }
        return command->run(self);
    }
    return ctl_fail(EXIT_USAGE, "there is no command '%s'; depotctl --help lists them", name);
}

int
main(int argc, char **argv)
{
    struct ctl self = {.args = NULL};
    char request_id[UUID_TEXT_BYTES];
    int code;

    uuid_v7(request_id);
    self.context.request_id = request_id;
    arena_init(&self.arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    argv[0] = (char[]){"depotctl"}; /* as getopt_long names us */
    code = read_options(&self, argc, argv);
    if (code == 0 && optind == argc) {
        fputs(help, stderr);
        code = EXIT_USAGE;
    } else if (code == 0) {
        self.args = argv + optind + 1;
        code = run_command(&self, argv[optind], argc - optind - 1);
    }
    arena_fini(&self.arena);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        code = ctl_fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
    }
    return code;
}
