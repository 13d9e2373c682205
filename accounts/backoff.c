#include "accounts/backoff.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

#include "accounts/accounts.h"
#include "accounts/bytes.h"
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
    [BACKOFF_ACCOUNT] = {"account", 50, 5},
};

enum { SUBJECT_BYTES = 32, ADDRESS_BYTES = 16, IPV6_NETWORK_BYTES = 8 };

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

int64_t
backoff_left_ms(const struct db_rows *rows, size_t statement)
{
    int64_t longest_ms = 0;

    for (size_t i = 0; i < db_row_count(rows, statement); i++) {
        enum backoff_kind kind = kind_named(db_text(rows, statement, i, "kind"));
        int64_t left_ms = backoff_wait_ms(kind, db_int(rows, statement, i, "failures")) -
                          db_int(rows, statement, i, "age_ms");

        longest_ms = left_ms > longest_ms ? left_ms : longest_ms;
    }
    return longest_ms;
}

enum status
backoff_fail(struct call *call, int64_t left_ms)
{
    enum status status = call_fail(call, &reason_login_backoff,
                                   "Too many logins have failed of late. Please wait a little.");

    call->problem.retry_after_ms = (uint32_t)left_ms;
    return status;
}

/* Whoever has one IPv6 address has all of its network. What is no address stands for itself. */
static void
add_address(crypto_generichash_state *state, const char *text)
{
    static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    unsigned char address[ADDRESS_BYTES];

    if (inet_pton(AF_INET6, text, address) == 1) {
        bool is_ipv4 = memcmp(address, mapped, sizeof(mapped)) == 0;

        crypto_generichash_update(state, is_ipv4 ? address + sizeof(mapped) : address,
                                  is_ipv4 ? sizeof(address) - sizeof(mapped) : IPV6_NETWORK_BYTES);
    } else if (inet_pton(AF_INET, text, address) == 1) {
        crypto_generichash_update(state, address, sizeof(struct in_addr));
    } else {
        crypto_generichash_update(state, (const unsigned char *)text, strlen(text));
    }
}

/* With its NUL behind it, so that it has an end. Letters beyond ASCII stay as they are. */
static void
add_name(crypto_generichash_state *state, const char *name)
{
    size_t bytes = strlen(name) + 1;

    for (size_t i = 0; i < bytes; i++) {
        bool is_capital = name[i] >= 'A' && name[i] <= 'Z';
        unsigned char c = (unsigned char)(is_capital ? name[i] - 'A' + 'a' : name[i]);

        crypto_generichash_update(state, &c, 1);
    }
}

static const char *
subject(struct call *call, enum backoff_kind kind, const char *name)
{
    const unsigned char number = (unsigned char)kind;
    unsigned char key[SECRET_BYTES], digest[SUBJECT_BYTES];
    crypto_generichash_state state;

    service_secret("login", key);
    crypto_generichash_init(&state, key, sizeof(key), sizeof(digest));
    crypto_generichash_update(&state, &number, 1);
    if (kind != BACKOFF_ADDRESS) {
        add_name(&state, name);
    }
    if (kind != BACKOFF_ACCOUNT) {
        add_address(&state, call->client_address);
    }
    crypto_generichash_final(&state, digest, sizeof(digest));
    return bytes_param(call->arena, digest, sizeof(digest));
}

void
backoff_set(struct call *call, struct db_params *params, const char *name)
{
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        db_set_text(params, kinds[kind].name, subject(call, (enum backoff_kind)kind, name));
    }
}

void
backoff_set_locked(struct call *call, struct db_params *params, const char *name)
{
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        const char *text = subject(call, (enum backoff_kind)kind, name);

        db_set_text(params, kinds[kind].name, text);
        db_lock(params, LOCK_FAILURES, text);
    }
}
