#include "fixture.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct pair
pair_of(unsigned n)
{
    unsigned char seed[crypto_sign_SEEDBYTES] = {(unsigned char)n, (unsigned char)(n >> 8), 42};
    struct pair pair;

    cr_assert_geq(sodium_init(), 0);
    crypto_sign_seed_keypair(pair.key.public_key, pair.secret, seed);
    snprintf(pair.key.kid, sizeof(pair.key.kid), "key_%011u-", n);
    return pair;
}

struct token_claims
claims_of(unsigned n)
{
    struct token_claims claims = {
        .subject = ANNA,
        .session = SESSION,
        .id = "0195a3c0-7c00-7000-8000-0000000000ff",
        .name = "anna",
        .role = PB_ROLE_MEMBER,
        .generation = 7,
        .not_before_s = NOW_S,
        .expires_s = NOW_S + 300,
    };
    struct pair pair = pair_of(n);

    memcpy(claims.kid, pair.key.kid, sizeof(claims.kid));
    return claims;
}

struct token_claims
claims_now(unsigned n)
{
    struct token_claims claims = claims_of(n);

    claims.not_before_s = time(NULL);
    claims.expires_s = claims.not_before_s + 300;
    return claims;
}

static struct text
text_of(const void *data, size_t bytes)
{
    struct text text = {.bytes = bytes};

    cr_assert_lt(bytes, sizeof(text.text));
    memcpy(text.text, data, bytes);
    return text;
}

struct text
write_token(const struct token_claims *claims, unsigned n)
{
    struct pair pair = pair_of(n);
    struct buf out = BUF_INIT;
    struct text token;

    token_write(&out, claims, ISSUER, AUDIENCE, pair.secret);
    token = text_of(out.data, out.length_bytes);
    buf_fini(&out);
    return token;
}

struct text
base64(const void *data, size_t bytes)
{
    struct text text = {.text = ""};

    sodium_bin2base64(text.text, sizeof(text.text), data, bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.bytes = strlen(text.text);
    return text;
}

struct text
forge(const char *header, const char *claims, unsigned n)
{
    struct text first = base64(header, strlen(header));
    struct text second = base64(claims, strlen(claims));
    struct pair pair = pair_of(n);
    unsigned char signature[crypto_sign_BYTES];
    struct text all = {.text = ""};
    struct text third;

    all.bytes = (size_t)snprintf(all.text, sizeof(all.text), "%s.%s", first.text, second.text);
    crypto_sign_detached(signature, NULL, (unsigned char *)all.text, all.bytes, pair.secret);
    third = base64(signature, sizeof(signature));
    all.bytes +=
        (size_t)snprintf(all.text + all.bytes, sizeof(all.text) - all.bytes, ".%s", third.text);
    cr_assert_lt(all.bytes, sizeof(all.text));
    return all;
}

/* One part of what token_write makes. */
static struct text
part_json(unsigned n, int part)
{
    struct token_claims claims = claims_of(n);
    struct text token = write_token(&claims, n);
    char *at = token.text;
    struct text json = {.text = ""};

    if (part == 1) {
        at = strchr(at, '.') + 1;
    }
    cr_assert_eq(sodium_base642bin((unsigned char *)json.text, sizeof(json.text), at,
                                   strcspn(at, "."), NULL, &json.bytes, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    return json;
}

struct text
header_json(unsigned n)
{
    return part_json(n, 0);
}

struct text
claims_json(unsigned n)
{
    return part_json(n, 1);
}

struct text
replace(const struct text *text, const char *from, const char *to)
{
    const char *at = strstr(text->text, from);
    struct text out = {.text = ""};

    cr_assert_not_null(at, "%s has no %s", text->text, from);
    out.bytes = (size_t)snprintf(out.text, sizeof(out.text), "%.*s%s%s", (int)(at - text->text),
                                 text->text, to, at + strlen(from));
    cr_assert_lt(out.bytes, sizeof(out.text));
    return out;
}

enum token_verdict
read_text(const struct text *token, struct token_claims *claims)
{
    struct token_key keys[2] = {pair_of(0).key, pair_of(1).key};

    return token_read(token->text, token->bytes, keys, 2, ISSUER, AUDIENCE, NOW_S, claims);
}

void
expect_verdict(const struct text *token, enum token_verdict wanted, const char *what)
{
    char *exact = malloc(token->bytes + 1); /* whoever reads beyond it is seen */
    struct token_key keys[2] = {pair_of(0).key, pair_of(1).key};
    struct token_claims claims;
    enum token_verdict got;

    exact = realloc(exact, token->bytes == 0 ? 1 : token->bytes);
    memcpy(exact, token->text, token->bytes);
    got = token_read(exact, token->bytes, keys, 2, ISSUER, AUDIENCE, NOW_S, &claims);
    cr_assert_eq(got, wanted, "verdict %d, not %d, of %s", got, wanted, what);
    free(exact);
}

void
answer_init(struct answer *self, unsigned first, size_t n)
{
    memset(self, 0, sizeof(*self));
    depot__auth__v1__pull_authority_response__init(&self->message);
    self->message.epoch = (char *)EPOCH;
    self->message.issuer = (char *)ISSUER;
    self->message.audience = (char *)AUDIENCE;
    self->message.n_keys = n;
    self->message.keys = self->key_pointers;
    self->message.revocations = self->revocation_pointers;
    for (size_t i = 0; i < n; i++) {
        self->pairs[i] = pair_of(first + (unsigned)i);
        self->public_keys[i] = base64(self->pairs[i].key.public_key, TOKEN_PUBLIC_BYTES);
        depot__auth__v1__verification_key__init(&self->keys[i]);
        self->keys[i].kid = self->pairs[i].key.kid;
        self->keys[i].algorithm = (char *)"EdDSA";
        self->keys[i].public_key = self->public_keys[i].text;
        self->key_pointers[i] = &self->keys[i];
    }
}

static Depot__Auth__V1__Revocation *
add_revocation(struct answer *self)
{
    size_t n = self->message.n_revocations++;

    depot__auth__v1__revocation__init(&self->revocations[n]);
    self->revocations[n].matters_s = 600;
    self->revocation_pointers[n] = &self->revocations[n];
    self->message.last++;
    return &self->revocations[n];
}

void
answer_revoke_session(struct answer *self, const char *session)
{
    add_revocation(self)->session_id = (char *)session;
}

void
answer_revoke_user(struct answer *self, const char *user, int32_t generation)
{
    Depot__Auth__V1__Revocation *revocation = add_revocation(self);

    revocation->user_id = (char *)user;
    revocation->generation = generation;
}
