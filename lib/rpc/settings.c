#include "rpc/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"

#define TARGET(member) offsetof(struct rpc_settings, member)

const struct config_item rpc_config_items[] = {
    {"RPC_TLS_DIR", CONFIG_STRING, NULL, 0, 0, "",
     "A folder with ca.pem and NAME.pem, certificate and key of this process (NAME is the service, "
     "or gateway). With it all processes speak TLS with one another, and certificates of that "
     "authority only are accepted, both ways.",
     false, TARGET(tls_dir)},
    {"DRAIN_DELAY", CONFIG_INT, "0", 0, 600, "s",
     "After SIGTERM: how long requests are still taken while the process says that it is not "
     "ready.",
     false, TARGET(drain_delay_s)},
    {"DRAIN_GRACE", CONFIG_INT, "10", 0, 600, "s",
     "After that: how long requests under way may take before the process ends.", false,
     TARGET(drain_grace_s)},
    {"LOG_LEVEL", CONFIG_STRING, "info", 0, 0, "", "error, warn, info or debug.", false,
     TARGET(log_level_name)},
    {"LOG_REQUESTS", CONFIG_BOOL, "on", 0, 0, "",
     "One line for each request; `off`: only for those of whoever is not let in.", false,
     TARGET(log_requests)},
};

const size_t rpc_config_n_items = sizeof(rpc_config_items) / sizeof(rpc_config_items[0]);

static enum status
find_file(const char *folder, const char *name, const char **path, struct error *error)
{
    char *made;
    int length = asprintf(&made, "%s/%s.pem", folder, name);

    ASSERT(length >= 0);
    if (access(made, R_OK) != 0) {
        int cause = errno;
        enum status status = error_set(error, STATUS_INVALID_ARGUMENT,
                                       "RPC_TLS_DIR: cannot read %s: %s", made, strerror(cause));

        free(made);
        return status;
    }
    *path = made;
    return STATUS_OK;
}

enum status
rpc_settings_check(struct rpc_settings *settings, const char *program, struct error *error)
{
    enum status status = STATUS_OK;

    settings->tls = (struct rpc_tls){0};
    if (!log_level_parse(settings->log_level_name, &settings->log_level)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "LOG_LEVEL must be error, warn, info or debug, not \"%s\"",
                         settings->log_level_name);
    }
    if (settings->tls_dir == NULL) {
        return STATUS_OK;
    }
    status = find_file(settings->tls_dir, "ca", &settings->tls.ca_file, error);
    if (status == STATUS_OK) {
        status =
            find_file(settings->tls_dir, program, &settings->tls.certificate_and_key_file, error);
    }
    if (status != STATUS_OK) {
        rpc_settings_fini(settings);
    }
    return status;
}

void
rpc_settings_fini(struct rpc_settings *settings)
{
    free((char *)settings->tls.ca_file);
    free((char *)settings->tls.certificate_and_key_file);
    settings->tls = (struct rpc_tls){0};
}
