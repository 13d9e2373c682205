#include "service/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "service/guard.h"
#include "service/secret.h"

#define TARGET(member) offsetof(struct service_settings, member)

static const struct config_item items[] = {
    {"RPC_LISTEN", CONFIG_STRING, "tcp://127.0.0.1:0", 0, 0, "",
     "Where calls are taken: tcp://host:port; port 0 is any free one.", false, TARGET(listen)},
    {"RPC_ADDRESS_FILE", CONFIG_STRING, NULL, 0, 0, "",
     "A file that gets the address with the port that was chosen.", false, TARGET(address_file)},
    {"RPC_WORKERS", CONFIG_INT, "4", 1, 64, "",
     "Frames worked on at once, each with a database connection; the keeper has one more, and so "
     "has a service that does something by itself.",
     false, TARGET(workers)},
    {"SECRET_KEY", CONFIG_STRING, NULL, 0, 0, "",
     "64 hexadecimal digits, the same for all replicas, from which keys are derived. Without it "
     "the fingerprints of requests with an idempotency key have no key, and who reads the database "
     "can hold them against guesses. A service that keeps secrets does not start without it.",
     true, TARGET(secret_key)},
};

enum { N_ITEMS = sizeof(items) / sizeof(items[0]) };

/* One of the tables that make up a service's settings. */
struct part {
    const struct config_item *items;
    size_t n_items;
    const void *target;
};

enum { N_PARTS = 5 };

static void
parts_of(const struct service_settings *settings, const struct service_program *program,
         struct part parts[static N_PARTS])
{
    parts[0] = (struct part){items, N_ITEMS, settings};
    parts[1] = (struct part){rpc_config_items, rpc_config_n_items, &settings->rpc};
    parts[2] = (struct part){auth_config_items, auth_config_n_items, &settings->auth};
    parts[3] = (struct part){db_config_items, db_config_n_items, &settings->db};
    parts[4] = (struct part){program->items, program->n_items, program->settings};
}

static enum status
load_tables(struct service_settings *settings, const struct service_program *program,
            struct error *error)
{
    enum status status = config_load(items, N_ITEMS, settings, error);

    if (status == STATUS_OK) {
        status = config_load(rpc_config_items, rpc_config_n_items, &settings->rpc, error);
    }
    if (status == STATUS_OK) {
        status = config_load(auth_config_items, auth_config_n_items, &settings->auth, error);
    }
    if (status == STATUS_OK) {
        status = config_load(program->items, program->n_items, program->settings, error);
    }
    return status == STATUS_OK ? db_settings_load(&settings->db, error) : status;
}

static enum status
open_secret(const struct service_settings *settings, const struct service_program *program,
            struct error *error)
{
    if (program->needs_secret && settings->secret_key == NULL) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "SECRET_KEY must be set: 64 hexadecimal digits, as `openssl rand -hex 32` "
                         "prints them");
    }
    return service_secret_open(settings->secret_key, error);
}

enum status
service_settings_load(struct service_settings *settings, const struct service_program *program,
                      struct error *error)
{
    struct service_settings loaded = {0};
    enum status status = load_tables(&loaded, program, error);

    if (status == STATUS_OK) {
        status = rpc_settings_check(&loaded.rpc, program->service->name, error);
    }
    if (status == STATUS_OK) {
        status = open_secret(&loaded, program, error);
    }
    if (status == STATUS_OK && auth_settings_in_production(&loaded.auth)) {
        status = db_settings_check_production(&loaded.db, error);
    }
    if (status == STATUS_OK) {
        *settings = loaded;
    }
    return status;
}

/* The host of tcp://host:port. */
static char *
host_of(const char *url)
{
    const char *begin = strstr(url, "://");
    const char *end;
    char *host;

    begin = begin == NULL ? url : begin + 3;
    end = strrchr(begin, ':');
    host = end == NULL ? strdup(begin) : strndup(begin, (size_t)(end - begin));
    ASSERT(host != NULL);
    return host;
}

enum status
service_settings_check_serving(const struct service_settings *settings,
                               const struct service *service, struct error *error)
{
    char *host = host_of(settings->listen);
    enum status status = auth_settings_check(&settings->auth, "RPC_LISTEN", host, error);

    free(host);
    if (status == STATUS_OK && settings->rpc.tls_dir == NULL &&
        strncmp(settings->listen, "tls+tcp://", 10) == 0) {
        status = error_set(error, STATUS_INVALID_ARGUMENT,
                           "RPC_LISTEN is %s: RPC_TLS_DIR must be set", settings->listen);
    }
    if (status == STATUS_OK && settings->auth.enforced && !guard_is_authority(service) &&
        settings->auth.accounts_addresses == NULL) {
        status = error_set(error, STATUS_INVALID_ARGUMENT,
                           "ACCOUNTS_ADDRESSES must be set, such as tcp://127.0.0.1:7002, unless "
                           "AUTH_MODE is off");
    }
    return status;
}

void
service_settings_help(const struct service_program *program, FILE *out)
{
    static const struct service_settings none;
    struct part parts[N_PARTS];

    fprintf(out,
            "%s: a service of Depot. Its settings are environment variables; NAME_FILE names a "
            "file with the value of NAME.\n\n",
            program->service->name);
    parts_of(&none, program, parts);
    for (size_t i = 0; i < N_PARTS; i++) {
        config_help(parts[i].items, parts[i].n_items, out);
    }
}

void
service_settings_markdown(const struct service_program *program, FILE *out)
{
    static const struct service_settings none;
    struct part parts[N_PARTS];

    parts_of(&none, program, parts);
    for (size_t i = 0; i < N_PARTS; i++) {
        if (parts[i].n_items > 0) {
            fputs(i == 0 ? "" : "\n", out);
            config_markdown(parts[i].items, parts[i].n_items, out);
        }
    }
}

void
service_settings_log(const struct service_settings *settings, const struct service_program *program,
                     struct log_line *line)
{
    struct part parts[N_PARTS];

    parts_of(settings, program, parts);
    for (size_t i = 0; i < N_PARTS; i++) {
        config_log(parts[i].items, parts[i].n_items, parts[i].target, line);
    }
}
