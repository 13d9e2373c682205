/*
 * One thread, which asks, sleeps and asks again. Of the two sources, the RPC client is driven by
 * the thread's own loop, so that its connections are looked after in between and closing need not
 * wait for an answer.
 */
#include "auth/feed.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/retry.h"
#include "depot/auth/v1/authority.schema.h"
#include "pb/wire.h"

enum { FIRST_BACKOFF_MS = 100 };

enum presence { UNHEARD, HERE, AWAY };

struct auth_feed {
    struct auth_verifier *verifier;
    struct rpc_client *client; /* or NULL: `source` is asked */
    struct auth_source source;
    pthread_t thread;
    int ended_fd; /* becomes readable when the thread is to end */
    bool ended;
    struct arena arena; /* of one answer */

    /* What is asked, and when. */
    char epoch[37];
    Depot__Auth__V1__PullAuthorityRequest question;
    struct rpc_request request;
    bool asking;
    int64_t asked_us, due_us;
    int failures; /* since the last success */
    enum presence presence;
};

/* --- what comes of asking --- */

/* Above a quarter, so that whoever lost the authority leaves it a while in any case. */
static int64_t
pause_us(int n_failures)
{
    static const struct retry retries = {FIRST_BACKOFF_MS, LIMIT_AUTH_BACKOFF_MS};
    uint32_t longest_ms = (uint32_t)retry_limit_ms(&retries, n_failures - 1);

    return (int64_t)(longest_ms / 4 + randombytes_uniform(longest_ms - longest_ms / 4)) * 1000;
}

static void
note_presence(struct auth_feed *self, enum presence now, const char *why)
{
    if (self->presence == now) {
        return;
    }
    if (now == AWAY) {
        log_message(LOG_WARN, "authority_away", "%s", why);
    } else if (self->presence == AWAY) {
        log_message(LOG_INFO, "authority_back", "Keys and revocations come again.");
    }
    self->presence = now;
}

static void
fail(struct auth_feed *self, const char *why)
{
    self->failures++;
    self->due_us = clock_us() + pause_us(self->failures);
    note_presence(self, AWAY, why);
}

static void
take(struct auth_feed *self, const Depot__Auth__V1__PullAuthorityResponse *answer)
{
    /* Whoever promises more and never gets on with it is asked no more often than others. */
    bool at_once = answer->more && answer->last != self->question.after;

    if (!auth_verifier_learn(self->verifier, answer, self->asked_us)) {
        fail(self, "Its answer makes no sense.");
        return;
    }
    self->failures = 0;
    self->due_us = at_once ? clock_us() : self->asked_us + LIMIT_AUTH_PULL_MS * 1000;
    note_presence(self, HERE, "");
}

/* --- the two ways to ask --- */

static void
on_done(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct auth_feed *self = request->owner;
    ProtobufCMessage *answer;

    self->asking = false;
    if (reply->status != STATUS_OK) {
        fail(self, reply->message);
    } else if (pb_unpack(&self->arena, request->method->reply, reply->payload, reply->payload_bytes,
                         &answer) != STATUS_OK) {
        fail(self, "Its answer is not a message of its type.");
    } else {
        take(self, (const Depot__Auth__V1__PullAuthorityResponse *)answer);
    }
}

static int64_t
patience_us(int n_failures)
{
    static const struct retry retries = {LIMIT_AUTH_PULL_TIMEOUT_MS, LIMIT_AUTH_PULL_PATIENCE_MS};

    return (int64_t)retry_limit_ms(&retries, n_failures) * 1000;
}

static void
submit(struct auth_feed *self)
{
    self->request = (struct rpc_request){
        .method = &depot__auth__v1__authority__pull_authority__method,
        .message = &self->question.base,
        .principal = "",
        .request_id = "",
        .traceparent = "",
        .idempotency_key = "",
        .deadline_us = self->asked_us + patience_us(self->failures),
        .done = on_done,
        .owner = self,
    };
    self->asking = true;
    rpc_client_submit(self->client, &self->request);
}

static void
ask_source(struct auth_feed *self)
{
    const Depot__Auth__V1__PullAuthorityResponse *answer;

    if (self->source.pull(self->source.closure, &self->question, &self->arena, &answer)) {
        take(self, answer);
    } else {
        fail(self, "It cannot say now.");
    }
}

static void
ask(struct auth_feed *self)
{
    arena_reset(&self->arena);
    depot__auth__v1__pull_authority_request__init(&self->question);
    self->question.after = auth_verifier_known(self->verifier, self->epoch);
    self->question.epoch = self->epoch;
    self->asked_us = clock_us();
    if (self->client != NULL) {
        submit(self);
    } else {
        ask_source(self);
    }
}

/* --- the thread --- */

/* When there is something to do even if nothing comes. */
static int64_t
next_us(const struct auth_feed *self)
{
    int64_t due_us = self->asking ? INT64_MAX : self->due_us;

    if (self->client != NULL && rpc_client_next_us(self->client) < due_us) {
        due_us = rpc_client_next_us(self->client);
    }
    return due_us;
}

static void
rest(struct auth_feed *self)
{
    struct pollfd fds[2] = {
        {.fd = self->ended_fd, .events = POLLIN},
        {.fd = self->client == NULL ? -1 : rpc_client_fd(self->client), .events = POLLIN},
    };
    int64_t left_us = next_us(self) - clock_us();
    int rv;

    left_us = left_us < 0 ? 0 : left_us;
    rv = poll(fds, 2, left_us / 1000 >= INT_MAX ? -1 : (int)((left_us + 999) / 1000));
    ASSERT(rv >= 0 || errno == EINTR);
    self->ended = rv > 0 && fds[0].revents != 0;
}

static void *
run(void *closure)
{
    struct auth_feed *self = closure;

    while (!self->ended) {
        if (!self->asking && clock_us() >= self->due_us) {
            ask(self);
        }
        if (self->client != NULL) {
            rpc_client_run(self->client);
        }
        rest(self);
    }
    if (self->asking) {
        rpc_client_cancel(self->client, &self->request);
    }
    return NULL;
}

/* --- opening and closing --- */

static struct auth_feed *
feed_new(struct auth_verifier *verifier)
{
    struct auth_feed *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->verifier = verifier;
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_AUTH_ANSWER_BYTES);
    self->ended_fd = eventfd(0, EFD_CLOEXEC);
    return self;
}

/* Gives back all but the thread. */
static void
feed_free(struct auth_feed *self)
{
    if (self->client != NULL) {
        rpc_client_close(self->client);
    }
    if (self->ended_fd >= 0) {
        close(self->ended_fd);
    }
    arena_fini(&self->arena);
    free(self);
}

static enum status
feed_start(struct auth_feed *self, struct auth_feed **feed, struct error *error)
{
    if (self->ended_fd < 0 || pthread_create(&self->thread, NULL, run, self) != 0) {
        feed_free(self);
        return error_set(error, STATUS_RESOURCE_EXHAUSTED, "no thread for the feed of keys");
    }
    *feed = self;
    return STATUS_OK;
}

enum status
auth_feed_open(struct auth_verifier *verifier, const char *addresses, const struct rpc_tls *tls,
               struct auth_feed **feed, struct error *error)
{
    struct rpc_client_options options = {
        .service = &depot__auth__v1__authority__service,
        .addresses = addresses,
        .tls = tls == NULL ? (struct rpc_tls){0} : *tls,
        .peer_name = AUTH_AUTHORITY_NAME,
    };
    struct auth_feed *self = feed_new(verifier);
    enum status status = rpc_client_open(&options, &self->client, error);

    if (status != STATUS_OK) {
        feed_free(self);
        return status;
    }
    return feed_start(self, feed, error);
}

enum status
auth_feed_open_local(struct auth_verifier *verifier, const struct auth_source *source,
                     struct auth_feed **feed, struct error *error)
{
    struct auth_feed *self = feed_new(verifier);

    self->source = *source;
    return feed_start(self, feed, error);
}

void
auth_feed_close(struct auth_feed *self)
{
    uint64_t one = 1;

    ASSERT(write(self->ended_fd, &one, sizeof(one)) == sizeof(one));
    ASSERT(pthread_join(self->thread, NULL) == 0);
    feed_free(self);
}
