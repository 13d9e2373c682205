#include "auth/authority.h"

#include <string.h>

#include "auth/base64url.h"
#include "auth/revocations.h"
#include "base/assert.h"

/* Copies a text that fits and is not empty. */
static bool
take_text(const char *text, char *out, size_t room_bytes)
{
    size_t bytes = strlen(text);

    if (bytes == 0 || bytes >= room_bytes) {
        return false;
    }
    memcpy(out, text, bytes + 1);
    return true;
}

static bool
is_kid(const char *text)
{
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    return strlen(text) == TOKEN_KID_BYTES && strspn(text, characters) == TOKEN_KID_BYTES;
}

static bool
read_key(const Depot__Auth__V1__VerificationKey *said, struct token_key *key)
{
    size_t bytes;

    if (!is_kid(said->kid) || strcmp(said->algorithm, "EdDSA") != 0 ||
        !base64url_decode(said->public_key, strlen(said->public_key), key->public_key,
                          sizeof(key->public_key), &bytes)) {
        return false;
    }
    memcpy(key->kid, said->kid, sizeof(key->kid));
    return bytes == sizeof(key->public_key);
}

static bool
has_kid(const struct authority *self, const char *kid)
{
    for (size_t i = 0; i < self->n_keys; i++) {
        if (strcmp(self->keys[i].kid, kid) == 0) {
            return true;
        }
    }
    return false;
}

static bool
read_keys(const Depot__Auth__V1__PullAuthorityResponse *news, struct authority *out)
{
    if (news->n_keys > LIMIT_AUTH_KEYS) {
        return false;
    }
    for (size_t i = 0; i < news->n_keys; i++) {
        struct token_key key;

        if (!read_key(news->keys[i], &key) || has_kid(out, key.kid)) {
            return false;
        }
        out->keys[out->n_keys++] = key;
    }
    return true;
}

static bool
is_revocation(const Depot__Auth__V1__Revocation *said)
{
    const char *id = said->session_id[0] != '\0' ? said->session_id : said->user_id;
    struct auth_id ignored;

    return auth_id_parse(id, &ignored) && said->generation >= 0;
}

bool
authority_read(const Depot__Auth__V1__PullAuthorityResponse *news, struct authority *out)
{
    struct authority read = {0};

    if (!take_text(news->epoch, read.epoch, sizeof(read.epoch)) ||
        !token_issuer_fits(news->issuer) || !token_issuer_fits(news->audience) ||
        !take_text(news->issuer, read.issuer, sizeof(read.issuer)) ||
        !take_text(news->audience, read.audience, sizeof(read.audience)) ||
        !read_keys(news, &read)) {
        return false;
    }
    for (size_t i = 0; i < news->n_revocations; i++) {
        if (!is_revocation(news->revocations[i])) {
            return false;
        }
    }
    *out = read;
    return true;
}

static uint64_t
number_of(const struct authority *self, const struct token_key *key)
{
    for (size_t i = 0; i < self->n_keys; i++) {
        if (memcmp(&self->keys[i], key, sizeof(*key)) == 0) {
            return self->numbers[i];
        }
    }
    return 0;
}

void
authority_number_keys(struct authority *self, const struct authority *before, uint64_t *last_number)
{
    for (size_t i = 0; i < self->n_keys; i++) {
        uint64_t number = number_of(before, &self->keys[i]);

        self->numbers[i] = number != 0 ? number : ++*last_number;
    }
}

bool
authority_same_keys(const struct authority *self, const struct authority *other)
{
    return self->n_keys == other->n_keys &&
           memcmp(self->numbers, other->numbers, self->n_keys * sizeof(self->numbers[0])) == 0;
}

bool
authority_has_key(const struct authority *self, uint64_t number)
{
    for (size_t i = 0; i < self->n_keys; i++) {
        if (self->numbers[i] == number) {
            return true;
        }
    }
    return false;
}

uint64_t
authority_key_number(const struct authority *self, const char *kid)
{
    for (size_t i = 0; i < self->n_keys; i++) {
        if (strcmp(self->keys[i].kid, kid) == 0) {
            return self->numbers[i];
        }
    }
    ASSERT_NEVER("a token was read with one of the keys");
}
