/*
 * Access tokens: whatever somebody sends, only what the authority has signed is believed; and of
 * what it has signed, only what it would write.
 *
 * Input: a byte that says what the rest is. Even: a token. Odd: the JSON of a header, ended by a
 * zero byte, and the JSON of claims, both signed here, so that the fuzzer reaches what is behind
 * the signature; with the third bit set the signature is spoilt.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/policy.h"
#include "auth/token.h"
#include "base/uuid.h"
#include "fuzz.h"

enum { SIGNED = 1, SPOILT = 4, NOW_S = 1800000000 };

static const char issuer[] = "https://depot.example", audience[] = "depot";

static struct token_key key = {.kid = "AAAAAAAAAAAAAAAA"};
static unsigned char secret[TOKEN_SECRET_BYTES];

static void
open_key(void)
{
    static const unsigned char seed[crypto_sign_SEEDBYTES] = "Always the same.";

    ASSERT(sodium_init() >= 0);
    crypto_sign_seed_keypair(key.public_key, secret, seed);
}

static enum token_verdict
read_token(const char *text, size_t bytes, struct token_claims *claims)
{
    return token_read(text, bytes, &key, 1, issuer, audience, NOW_S, claims);
}

static void
expect_text(const char *text, size_t room_bytes)
{
    ASSERT(memchr(text, '\0', room_bytes) != NULL);
}

/* What is believed is what the authority could have said. */
static void
expect_sense(const struct token_claims *claims)
{
    ASSERT(strcmp(claims->kid, key.kid) == 0);
    ASSERT(uuid_valid(claims->subject, 36) && uuid_valid(claims->session, 36));
    ASSERT(uuid_valid(claims->id, 36));
    expect_text(claims->name, sizeof(claims->name));
    expect_text(claims->scope, sizeof(claims->scope));
    ASSERT(claims->role >= PB_ROLE_MEMBER && claims->role <= PB_ROLE_ADMIN);
    ASSERT(claims->expires_s - claims->not_before_s <= TOKEN_LIFE_MAX_S);
    ASSERT(claims->not_before_s <= NOW_S + TOKEN_SKEW_S);
}

/* And written once more it is read as the same. */
static void
expect_round(const struct token_claims *claims, enum token_verdict verdict)
{
    struct token_claims again;
    struct buf out = BUF_INIT;

    memset(&again, 0, sizeof(again));
    token_write(&out, claims, issuer, audience, secret);
    ASSERT(read_token(out.data, out.length_bytes, &again) == verdict);
    ASSERT(memcmp(&again, claims, sizeof(again)) == 0);
    buf_fini(&out);
}

static void
judge(const struct buf *token, bool is_signed)
{
    char *text = fuzz_copy(token->data, token->length_bytes);
    struct token_claims claims;
    enum token_verdict verdict;

    memset(&claims, 0, sizeof(claims));
    verdict = read_token(text, token->length_bytes, &claims);
    if (verdict == TOKEN_GOOD || verdict == TOKEN_OVER) {
        ASSERT(is_signed);
        ASSERT(verdict == (claims.expires_s > NOW_S ? TOKEN_GOOD : TOKEN_OVER));
        expect_sense(&claims);
        expect_round(&claims, verdict);
    } else {
        ASSERT(claims.subject[0] == '\0' && claims.expires_s == 0);
        ASSERT(is_signed ? verdict != TOKEN_FORGED : verdict != TOKEN_EARLY);
    }
    free(text);
}

/* Puts the two documents together and signs them. */
static void
sign(struct buf *token, const char *data, size_t bytes, bool spoilt)
{
    const char *end = memchr(data, '\0', bytes);
    size_t header_bytes = end == NULL ? bytes : (size_t)(end - data);
    unsigned char signature[crypto_sign_BYTES];

    base64url_put(token, data, header_bytes);
    buf_putc(token, '.');
    if (end != NULL) {
        base64url_put(token, end + 1, bytes - header_bytes - 1);
    }
    crypto_sign_detached(signature, NULL, (const unsigned char *)token->data, token->length_bytes,
                         secret);
    signature[bytes % sizeof(signature)] ^= spoilt ? 1 : 0;
    buf_putc(token, '.');
    base64url_put(token, signature, sizeof(signature));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t what = fuzz_byte(&data, &bytes);
    bool is_signed = (what & SIGNED) != 0 && (what & SPOILT) == 0;
    struct buf token = BUF_INIT;

    if (key.public_key[0] == 0) {
        open_key();
    }
    if (what & SIGNED) {
        sign(&token, (const char *)data, bytes, (what & SPOILT) != 0);
    } else {
        buf_append(&token, data, bytes);
    }
    judge(&token, is_signed);
    buf_fini(&token);
    return 0;
}
