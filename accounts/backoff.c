#include "accounts/backoff.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

#include "accounts/accounts.h"
#include "accounts/bytes.h"
#include "accounts/people.h"
#include "base/assert.h"
#include "service/secret.h"

#define LOCK_FAILURES "accounts.login_failure"

static const struct {
    const char *name;  /* of the parameter, and in the column `kind` */
    int64_t first;     /* failure after which somebody waits */
    int64_t longest_s; /* wait */
} kinds[BACKOFF_KINDS] = {
    [BACKOFF_PAIR] = {"pair", 5, 60},
    [BACKOFF_ADDRESS] = {"address", 30, 30},
    [BACKOFF_ACCOUNT] = {"account", 50, 1},
};

/* Numbers of subjects go on behind those of the kinds. */
enum { OF_REGISTRATIONS = BACKOFF_KINDS };

enum { SUBJECT_BYTES = 32, ADDRESS_BYTES = 16, IPV6_NETWORK_BYTES = 8 };

/* Of so many tries at an account that others are trying one is let through. */
enum { THINNED_TO_ONE_OF = 4 };

int64_t
backoff_wait_ms(enum backoff_kind kind, int64_t failures)
{
    int64_t wait_s = 1;

    if (failures < kinds[kind].first) {
        return 0;
    }
    for (int64_t i = kinds[kind].first; i < failures && wait_s < kinds[kind].longest_s; i++) {
        wait_s *= 2;
    }
    return 1000 * (wait_s < kinds[kind].longest_s ? wait_s : kinds[kind].longest_s);
}

static enum backoff_kind
kind_named(const char *name)
{
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        if (strcmp(kinds[kind].name, name) == 0) {
            return (enum backoff_kind)kind;
        }
    }
    ASSERT_NEVER("a kind of failures");
}

/* An account is never closed: its owner must get through however often others fail. Chance decides,
 * not what was before: a guesser could wait for a turn as well as the owner, and more often. */
static int64_t
left_ms(enum backoff_kind kind, int64_t failures, int64_t age_ms)
{
    if (kind != BACKOFF_ACCOUNT) {
        return backoff_wait_ms(kind, failures) - age_ms;
    }
    return randombytes_uniform(THINNED_TO_ONE_OF) == 0 ? 0 : backoff_wait_ms(kind, failures);
}

int64_t
backoff_left_ms(const struct db_rows *rows, size_t statement)
{
    int64_t longest_ms = 0;

    for (size_t i = 0; i < db_row_count(rows, statement); i++) {
        int64_t ms =
            left_ms(kind_named(db_text(rows, statement, i, "kind")),
                    db_int(rows, statement, i, "failures"), db_int(rows, statement, i, "age_ms"));

        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    return longest_ms;
}

static enum status
fail_until(struct call *call, const struct reason *reason, int64_t left_ms, const char *detail)
{
    enum status status = call_fail(call, reason, "%s", detail);

    call->problem.retry_after_ms = (uint32_t)left_ms;
    return status;
}

enum status
backoff_fail(struct call *call, int64_t left_ms)
{
    return fail_until(call, &reason_login_backoff, left_ms,
                      "Too many logins have failed of late. Please wait a little.");
}

/* Whoever has one IPv6 address has all of its network. */
const char *
backoff_network(struct call *call)
{
    static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    unsigned char bytes[ADDRESS_BYTES];
    char text[INET6_ADDRSTRLEN];

    if (inet_pton(AF_INET6, call->client_address, bytes) != 1) {
        return call->client_address;
    }
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        inet_ntop(AF_INET, bytes + sizeof(mapped), text, sizeof(text));
        return arena_strdup(call->arena, text);
    }
    memset(bytes + IPV6_NETWORK_BYTES, 0, sizeof(bytes) - IPV6_NETWORK_BYTES);
    inet_ntop(AF_INET6, bytes, text, sizeof(text));
    return arena_printf(call->arena, "%s/64", text);
}

/* With its NUL behind it, so that it has an end. NULL: nothing. */
static void
add_text(crypto_generichash_state *state, const char *text)
{
    if (text != NULL) {
        crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
    }
}

/* Of a name, a network, or both. */
static const char *
subject(struct call *call, int number, const char *name, const char *network)
{
    const unsigned char first = (unsigned char)number;
    unsigned char key[SECRET_BYTES], digest[SUBJECT_BYTES];
    crypto_generichash_state state;

    service_secret("login", key);
    crypto_generichash_init(&state, key, sizeof(key), sizeof(digest));
    crypto_generichash_update(&state, &first, 1);
    add_text(&state, name);
    add_text(&state, network);
    crypto_generichash_final(&state, digest, sizeof(digest));
    return bytes_param(call->arena, digest, sizeof(digest));
}

static const char *
subject_of_login(struct call *call, enum backoff_kind kind, const char *name)
{
    return subject(call, (int)kind,
                   kind == BACKOFF_ADDRESS ? NULL : people_small_letters(call->arena, name),
                   kind == BACKOFF_ACCOUNT ? NULL : backoff_network(call));
}

void
backoff_set(struct call *call, struct db_params *params, const char *name)
{
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        db_set_text(params, kinds[kind].name,
                    subject_of_login(call, (enum backoff_kind)kind, name));
    }
    db_set_text(params, "network", backoff_network(call));
}

static void
set_locked(struct db_params *params, const char *parameter, const char *text)
{
    db_set_text(params, parameter, text);
    db_lock(params, LOCK_FAILURES, text);
}

void
backoff_set_locked(struct call *call, struct db_params *params, const char *name)
{
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        set_locked(params, kinds[kind].name, subject_of_login(call, (enum backoff_kind)kind, name));
    }
}

void
backoff_set_registrations(struct call *call, struct db_params *params)
{
    set_locked(params, "registrations",
               subject(call, OF_REGISTRATIONS, NULL, backoff_network(call)));
}

enum status
backoff_fail_registration(struct call *call, int64_t wait_ms)
{
    return fail_until(call, &reason_rate_limited, wait_ms,
                      "Many accounts have been made from here. Please wait a little.");
}
