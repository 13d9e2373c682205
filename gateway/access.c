#include "access.h"

#include <stdint.h>

static void
submit(void *closure, struct rpc_request *request)
{
    backends_submit(closure, request);
}

static void
cancel(void *closure, struct rpc_request *request)
{
    backends_cancel(closure, request);
}

enum status
access_open(struct access *self, const struct gateway_config *config, struct backends *backends,
            struct error *error)
{
    const struct apikeys_authority authority = {backends, submit, cancel};
    enum status status;

    *self = (struct access){.policy = auth_settings_policy(&config->auth)};
    if (!self->policy.enforced) {
        return STATUS_OK;
    }
    self->verifier = auth_verifier_new(auth_settings_max_age_ms(&config->auth));
    status = auth_feed_open(self->verifier, config->auth.accounts_addresses, &config->rpc.tls,
                            &self->feed, error);
    if (status != STATUS_OK) {
        auth_verifier_free(self->verifier);
        self->verifier = NULL;
        return status;
    }
    self->keys = apikeys_new(&authority);
    return STATUS_OK;
}

void
access_close(struct access *self)
{
    if (self->verifier != NULL) {
        apikeys_free(self->keys);
        auth_feed_close(self->feed);
        auth_verifier_free(self->verifier);
        *self = (struct access){0};
    }
}

bool
access_ready(const struct access *self, const char **why)
{
    return self->verifier == NULL || auth_verifier_ready(self->verifier, why);
}

bool
access_write_jwks(const struct access *self, struct buf *out)
{
    if (self->verifier == NULL) {
        buf_puts(out, "{\"keys\":[]}");
        return true;
    }
    return auth_verifier_write_jwks(self->verifier, out);
}

static void
write_number(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
               (unsigned long long)value);
}

/* Infinite before anything was learnt: whoever watches for age is told. */
static void
write_age(struct buf *out, int64_t age_ms)
{
    static const char name[] = "depot_auth_knowledge_age_seconds";

    buf_printf(out, "# HELP %s Since the authority was heard last.\n# TYPE %s gauge\n", name, name);
    if (age_ms < 0) {
        buf_printf(out, "%s +Inf\n", name);
    } else {
        buf_printf(out, "%s %.3f\n", name, (double)age_ms / 1000);
    }
}

static void
write_verifier(const struct access *self, struct buf *out)
{
    struct auth_verifier_counts counts;

    auth_verifier_counts(self->verifier, &counts);
    write_number(out, "depot_auth_tokens_verified_total", "counter",
                 "Access tokens whose signature was checked and good.", counts.verified);
    write_number(out, "depot_auth_tokens_remembered_total", "counter",
                 "Access tokens that had been checked before.", counts.remembered);
    write_number(out, "depot_auth_tokens_refused_total", "counter",
                 "Access tokens that were refused.", counts.refused);
    write_number(out, "depot_auth_tokens", "gauge", "Access tokens that are remembered.",
                 counts.n_tokens);
    write_number(out, "depot_auth_keys", "gauge", "Keys that tokens may be signed with.",
                 counts.n_keys);
    write_number(out, "depot_auth_revocations", "gauge", "Revocations that still matter.",
                 counts.n_revocations);
    write_age(out, counts.age_ms);
}

void
access_write_metrics(const struct access *self, struct buf *out)
{
    struct apikeys_counts counts;

    if (self->verifier == NULL) {
        return;
    }
    write_verifier(self, out);
    apikeys_counts(self->keys, &counts);
    write_number(out, "depot_auth_api_keys", "gauge", "API keys whose access token is remembered.",
                 counts.n_good);
    write_number(out, "depot_auth_api_keys_refused", "gauge",
                 "API keys that are refused without asking.", counts.n_refused);
    write_number(out, "depot_auth_api_key_exchanges_total", "counter",
                 "Times that the authority was asked for an API key.", counts.exchanges);
}
