/* Stub: the real one follows at once. */
#include "accounts/password.h"

#include "depot/rpc/v1/reasons.schema.h"

enum status
password_open(const struct password_options *options, struct error *error)
{
    (void)options;
    (void)error;
    return STATUS_OK;
}

void
password_close(void)
{
}

enum status
password_hash(struct call *call, const char *password, const char **hash)
{
    (void)password;
    (void)hash;
    return call_fail(call, &reason_internal_error, "not written yet");
}

enum status
password_verify(struct call *call, const char *hash, const char *password, bool *fits, bool *stale)
{
    (void)hash;
    (void)password;
    (void)fits;
    (void)stale;
    return call_fail(call, &reason_internal_error, "not written yet");
}

uint64_t
password_count(void)
{
    return 0;
}

bool
password_is_common(const char *password)
{
    (void)password;
    return false;
}

bool
password_is_own(const char *password, const char *username, const char *email)
{
    (void)password;
    (void)username;
    (void)email;
    return false;
}
