#include "auth/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/host.h"

#define TARGET(member) offsetof(struct auth_settings, member)

const struct config_item auth_config_items[] = {
    {"AUTH_MODE", CONFIG_BOOL, "on", 0, 0, "",
     "Whether it is checked who may do what. Off: everybody may do everything, so that the process "
     "listens on loopback only; refused with APP_ENV=production.",
     false, TARGET(enforced)},
    {"APP_ENV", CONFIG_STRING, "development", 0, 0, "",
     "What this installation is: development, test, staging or production.", false,
     TARGET(app_env)},
    {"PUBLIC_READ", CONFIG_BOOL, "off", 0, 0, "",
     "Whether reads that the contract marks for it are for everybody, known or not.", false,
     TARGET(public_read)},
    {"REVOCATION_MAX_AGE", CONFIG_INT, "60", 1, 86400, "s",
     "How old the list of what was revoked may get while the accounts service is away; after that "
     "nobody is let in.",
     false, TARGET(revocation_max_age_s)},
    {"ACCOUNTS_ADDRESSES", CONFIG_STRING, NULL, 0, 0, "",
     "The replicas of the accounts service: tcp://host:port, separated by commas. Required with "
     "AUTH_MODE=on, but for that service itself.",
     false, TARGET(accounts_addresses)},
};

const size_t auth_config_n_items = sizeof(auth_config_items) / sizeof(auth_config_items[0]);
const size_t auth_config_n_common = sizeof(auth_config_items) / sizeof(auth_config_items[0]) - 1;

static bool
is_known_env(const char *env)
{
    static const char *const known[] = {"development", "test", "staging", "production"};
    size_t i = 0;

    while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], env) != 0) {
        i++;
    }
    return i < sizeof(known) / sizeof(known[0]);
}

bool
auth_settings_in_production(const struct auth_settings *settings)
{
    return strcmp(settings->app_env, "production") == 0;
}

enum status
auth_settings_check(const struct auth_settings *settings, const char *listen_setting,
                    const char *host, struct error *error)
{
    if (!is_known_env(settings->app_env)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "APP_ENV must be development, test, staging or production, not \"%s\"",
                         settings->app_env);
    }
    if (settings->enforced) {
        return STATUS_OK;
    }
    if (auth_settings_in_production(settings)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "AUTH_MODE is off: that is refused with APP_ENV=production");
    }
    if (!host_is_loopback(host, strlen(host))) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "AUTH_MODE is off: %s must be loopback then, such as 127.0.0.1, not %s",
                         listen_setting, host);
    }
    return STATUS_OK;
}

int64_t
auth_settings_max_age_ms(const struct auth_settings *settings)
{
    return (int64_t)settings->revocation_max_age_s * 1000;
}

struct auth_policy
auth_settings_policy(const struct auth_settings *settings)
{
    return (struct auth_policy){.enforced = settings->enforced,
                                .public_read = settings->public_read};
}

void
auth_settings_warn(const struct auth_settings *settings)
{
    if (!settings->enforced) {
        log_message(LOG_WARN, "AUTH_MODE_IS_OFF",
                    "NOBODY IS ASKED WHO THEY ARE: EVERYBODY WHO REACHES THIS PROCESS MAY DO "
                    "EVERYTHING. Set AUTH_MODE=on, unless this is your own machine.");
    }
}
