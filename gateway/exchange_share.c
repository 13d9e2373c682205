/* A client's share of requests: see rate.h. What operators ask for, and OPTIONS, are free. */
#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "exchange.h"

enum status
exchange_take_share(struct exchange *self, uint32_t cost)
{
    struct gateway *gateway = self->gateway;
    struct rate_client client;

    if (gateway->limiter == NULL || (self->own != NULL && self->own->for_operators) ||
        strcmp(self->message.verb, "OPTIONS") == 0) {
        return STATUS_OK;
    }
    client = rate_client_of(self->call.principal, &self->client);
    self->share = rate_limiter_take(gateway->limiter, &client, cost, self->started_us);
    self->shared = true;
    if (!self->share.refused) {
        return STATUS_OK;
    }
    self->call.problem.retry_after_ms = self->share.retry_after_ms;
    return call_fail(&self->call, &reason_rate_limited,
                     "This client may send %u requests in %u seconds.",
                     gateway->config->rate.requests, gateway->config->rate.seconds);
}

/* RateLimit and RateLimit-Policy as draft-ietf-httpapi-ratelimit-headers-10 has them. */
void
exchange_write_share(const struct exchange *self, struct buf *fields)
{
    const struct rate_policy *policy = &self->gateway->config->rate;

    if (!self->shared) {
        return;
    }
    buf_puts(fields, "RateLimit-Policy: \"default\";q=");
    http_number_write(fields, policy->requests);
    buf_puts(fields, ";w=");
    http_number_write(fields, policy->seconds);
    buf_puts(fields, "\r\nRateLimit: \"default\";r=");
    http_number_write(fields, self->share.remaining);
    buf_puts(fields, ";t=");
    http_number_write(fields, self->share.reset_s);
    buf_puts(fields, "\r\n");
}
