/*
 * The settings of every process that checks who may call what: the gateway and all services. Each
 * keeps its own table beside this one.
 */
#ifndef DEPOT_AUTH_SETTINGS_H
#define DEPOT_AUTH_SETTINGS_H

#include "auth/policy.h"
#include "base/config.h"

struct auth_settings {
    bool enforced;                  /* AUTH_MODE */
    const char *app_env;            /* APP_ENV */
    bool public_read;               /* PUBLIC_READ */
    int revocation_max_age_s;       /* REVOCATION_MAX_AGE */
    const char *accounts_addresses; /* ACCOUNTS_ADDRESSES; NULL: unset */
};

/*
 * The rows of struct auth_settings. ACCOUNTS_ADDRESSES is the last: the gateway, which has the
 * addresses of every service in a table of its own, takes only the first auth_config_n_common.
 */
extern const struct config_item auth_config_items[];
extern const size_t auth_config_n_items, auth_config_n_common;

/*
 * Checks what goes together, once loaded. INVALID_ARGUMENT, naming the setting, when APP_ENV is
 * none of its values; when AUTH_MODE is off with APP_ENV=production; when it is off and `host`, of
 * the setting `listen_setting`, is not this machine alone (127.0.0.0/8, ::1 or localhost).
 */
enum status auth_settings_check(const struct auth_settings *settings, const char *listen_setting,
                                const char *host, struct error *error) MUST_CHECK;

/* Whether APP_ENV is production. */
bool auth_settings_in_production(const struct auth_settings *settings);

/* How old knowledge of revocations may be. */
int64_t auth_settings_max_age_ms(const struct auth_settings *settings);

struct auth_policy auth_settings_policy(const struct auth_settings *settings);

/* With AUTH_MODE=off a line at start that nobody can miss; else nothing. */
void auth_settings_warn(const struct auth_settings *settings);

#endif
