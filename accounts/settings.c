#include "accounts/settings.h"

#include <pthread.h>
#include <stddef.h>

#include "auth/token.h"
#include "base/assert.h"
#include "base/limits.h"

struct accounts_settings accounts_config_target;

#define TARGET(member) offsetof(struct accounts_settings, member)

const struct config_item accounts_config_items[] = {
    {"TOKEN_ISSUER", CONFIG_STRING, "depot", 0, 0, "",
     "Who access tokens say has made them (`iss`): one name for all replicas.", false,
     TARGET(issuer)},
    {"ACCESS_TOKEN_SECONDS", CONFIG_INT, "600", 30, 600, "s", "How long an access token is good.",
     false, TARGET(access_token_s)},
    {"SESSION_DAYS", CONFIG_INT, "30", 1, 365, "d",
     "How long after the login refresh tokens are taken.", false, TARGET(session_days)},
    {"SIGNING_KEY_DAYS", CONFIG_INT, "30", 1, 365, "d",
     "After how long the next key signs access tokens.", false, TARGET(signing_key_days)},
    {"SIGNING_KEY_LEAD", CONFIG_INT, "90", 1, 3600, "s",
     "How long before it signs anything a new key is given out to who verifies.", false,
     TARGET(signing_key_lead_s)},
    {"REGISTRATION", CONFIG_BOOL, "on", 0, 0, "",
     "Whether people can make accounts for themselves; `off`: only administrators make them.",
     false, TARGET(registration)},
    {"ADMIN_PASSWORD", CONFIG_STRING, NULL, 0, 0, "",
     "The password of the user `admin`, who is made at the start or given it. Not set: when there "
     "is "
     "nobody at all one is made up and printed once.",
     true, TARGET(admin_password)},
    {"PASSWORD_THREADS", CONFIG_INT, "0", 0, 64, "",
     "Passwords hashed at once; 0: half of the cores, at least one.", false,
     TARGET(passwords.threads)},
    {"PASSWORD_MEMORY_MIB", CONFIG_INT, "19", PASSWORD_MEMORY_MIB_MIN, 1024, "MiB",
     "Memory that hashing one password takes. Raised, hashes are renewed at the next logins.",
     false, TARGET(passwords.memory_mib)},
    {"PASSWORD_PASSES", CONFIG_INT, "2", PASSWORD_PASSES_MIN, 32, "",
     "Passes over that memory. Raised, hashes are renewed at the next logins.", false,
     TARGET(passwords.passes)},
    {"REGISTRATIONS_AT_ONCE", CONFIG_INT, "1", 1, LIMIT_PASSWORDS_WAITING / 4, "",
     "Registrations whose passwords are hashed or wait for that; others are told to come again. "
     "With more than a quarter of `RPC_WORKERS` logins wait for them, too.",
     false, TARGET(passwords.registrations)},
};

const size_t accounts_config_n_items =
    sizeof(accounts_config_items) / sizeof(accounts_config_items[0]);

static void
load(void)
{
    struct error error;

    ASSERT(config_load(accounts_config_items, accounts_config_n_items, &accounts_config_target,
                       &error) == STATUS_OK);
}

/* The issuer has a fallback: without one nothing was loaded yet. */
static void
load_unless_done(void)
{
    if (accounts_config_target.issuer == NULL) {
        load();
    }
}

const struct accounts_settings *
accounts_settings(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    ASSERT(pthread_once(&once, load_unless_done) == 0);
    return &accounts_config_target;
}

enum status
accounts_settings_check(struct error *error)
{
    if (!token_issuer_fits(accounts_settings()->issuer)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "TOKEN_ISSUER must be up to %d printable ASCII characters without quotes "
                         "and backslashes",
                         TOKEN_ISSUER_BYTES);
    }
    return STATUS_OK;
}
