/*
 * The settings that are accounts' own; beside them are those of every service.
 */
#ifndef DEPOT_ACCOUNTS_SETTINGS_H
#define DEPOT_ACCOUNTS_SETTINGS_H

#include "accounts/password.h"
#include "base/config.h"

struct accounts_settings {
    const char *issuer;                /* TOKEN_ISSUER */
    int access_token_s;                /* ACCESS_TOKEN_SECONDS */
    int session_days;                  /* SESSION_DAYS */
    int signing_key_days;              /* SIGNING_KEY_DAYS */
    int signing_key_lead_s;            /* SIGNING_KEY_LEAD */
    bool registration;                 /* REGISTRATION */
    const char *admin_password;        /* ADMIN_PASSWORD; NULL: not set */
    struct password_options passwords; /* PASSWORD_THREADS, PASSWORD_MEMORY_MIB, PASSWORD_PASSES */
};

extern const struct config_item accounts_config_items[];
extern const size_t accounts_config_n_items;

/* Where the process's main loads them to. */
extern struct accounts_settings accounts_config_target;

/*
 * Those in force. Where nobody has loaded any (tests run handlers without a main) they come from
 * the environment, once; a bad value is a bug then. Any thread.
 */
const struct accounts_settings *accounts_settings(void);

/* Whether they go together: INVALID_ARGUMENT names the one that does not. */
enum status accounts_settings_check(struct error *error) MUST_CHECK;

#endif
