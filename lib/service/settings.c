#include "service/settings.h"

#include <stddef.h>
#include <string.h>

/* As the environment has them. */
struct raw {
    const char *listen, *address_file, *ca_file, *certificate_file, *log_level;
    int workers, drain_delay_s, drain_grace_s;
    bool log_calls;
};

#define TARGET(member) offsetof(struct raw, member)

static const struct config_item items[] = {
    {"RPC_LISTEN", CONFIG_STRING, "tcp://127.0.0.1:0", 0, 0, "",
     "Where calls are taken: tcp://host:port or tls+tcp://host:port; port 0 is any free one.",
     false, TARGET(listen)},
    {"RPC_ADDRESS_FILE", CONFIG_STRING, NULL, 0, 0, "",
     "A file that gets the address with the port that was chosen.", false, TARGET(address_file)},
    {"RPC_WORKERS", CONFIG_INT, "4", 1, 64, "",
     "Frames worked on at once, each with a database connection; the keeper has one more.", false,
     TARGET(workers)},
    {"RPC_TLS_CA_FILE", CONFIG_STRING, NULL, 0, 0, "",
     "The certificate of the private authority that signed both ends' certificates (PEM).", false,
     TARGET(ca_file)},
    {"RPC_TLS_CERT_FILE", CONFIG_STRING, NULL, 0, 0, "",
     "This process's certificate and private key (PEM, in one file).", false,
     TARGET(certificate_file)},
    {"DRAIN_DELAY", CONFIG_INT, "0", 0, 600, "s",
     "After SIGTERM: how long calls are still served while Check already says no.", false,
     TARGET(drain_delay_s)},
    {"DRAIN_GRACE", CONFIG_INT, "10", 0, 600, "s",
     "After that: how long calls being worked on may take before the process ends.", false,
     TARGET(drain_grace_s)},
    {"LOG_LEVEL", CONFIG_STRING, "info", 0, 0, "", "error, warn, info or debug.", false,
     TARGET(log_level)},
    {"LOG_REQUESTS", CONFIG_BOOL, "on", 0, 0, "", "One line for each call.", false,
     TARGET(log_calls)},
};

enum { N_ITEMS = sizeof(items) / sizeof(items[0]) };

static struct raw
raw_of(const struct service_settings *settings)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};

    return (struct raw){
        .listen = settings->listen,
        .address_file = settings->address_file,
        .ca_file = settings->tls.ca_file,
        .certificate_file = settings->tls.certificate_and_key_file,
        .log_level = levels[settings->log_level],
        .workers = settings->workers,
        .drain_delay_s = settings->drain_delay_s,
        .drain_grace_s = settings->drain_grace_s,
        .log_calls = settings->log_calls,
    };
}

static enum status
check_tls(const struct raw *raw, struct error *error)
{
    bool wanted = strncmp(raw->listen, "tls+tcp://", 10) == 0;

    if (wanted && (raw->ca_file == NULL || raw->certificate_file == NULL)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "RPC_LISTEN is %s: RPC_TLS_CA_FILE and RPC_TLS_CERT_FILE must be set",
                         raw->listen);
    }
    return STATUS_OK;
}

enum status
service_settings_load(struct service_settings *settings, struct error *error)
{
    struct service_settings loaded = {0};
    struct raw raw;
    enum status status = config_load(items, N_ITEMS, &raw, error);

    if (status == STATUS_OK && !log_level_parse(raw.log_level, &loaded.log_level)) {
        status =
            error_set(error, STATUS_INVALID_ARGUMENT,
                      "LOG_LEVEL must be error, warn, info or debug, not \"%s\"", raw.log_level);
    }
    if (status == STATUS_OK) {
        status = check_tls(&raw, error);
    }
    if (status == STATUS_OK) {
        status = db_settings_load(&loaded.db, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    loaded.listen = raw.listen;
    loaded.address_file = raw.address_file;
    loaded.workers = raw.workers;
    loaded.tls = (struct rpc_tls){raw.ca_file, raw.certificate_file};
    loaded.drain_delay_s = raw.drain_delay_s;
    loaded.drain_grace_s = raw.drain_grace_s;
    loaded.log_calls = raw.log_calls;
    *settings = loaded;
    return STATUS_OK;
}

void
service_settings_help(const char *program, FILE *out)
{
    fprintf(out,
            "%s: a service of Depot. Its settings are environment variables; NAME_FILE names a "
            "file with the value of NAME.\n\n",
            program);
    config_help(items, N_ITEMS, out);
    config_help(db_config_items, db_config_n_items, out);
}

void
service_settings_markdown(FILE *out)
{
    config_markdown(items, N_ITEMS, out);
    fputc('\n', out);
    config_markdown(db_config_items, db_config_n_items, out);
}

void
service_settings_log(const struct service_settings *settings, struct log_line *line)
{
    struct raw raw = raw_of(settings);

    config_log(items, N_ITEMS, &raw, line);
    config_log(db_config_items, db_config_n_items, &settings->db, line);
}
