/* Tokens that are good, or were, or will be. */
#include "auth/token.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "fixture.h"

static void
expect_same(const struct token_claims *got, const struct token_claims *wanted)
{
    cr_assert_str_eq(got->kid, wanted->kid);
    cr_assert_str_eq(got->subject, wanted->subject);
    cr_assert_str_eq(got->session, wanted->session);
    cr_assert_str_eq(got->id, wanted->id);
    cr_assert_str_eq(got->name, wanted->name);
    cr_assert_str_eq(got->scope, wanted->scope);
    cr_assert_eq(got->role, wanted->role);
    cr_assert_eq(got->is_program, wanted->is_program);
    cr_assert_eq(got->generation, wanted->generation);
    cr_assert_eq(got->not_before_s, wanted->not_before_s);
    cr_assert_eq(got->expires_s, wanted->expires_s);
}

static void
expect_round(const struct token_claims *claims, unsigned n)
{
    struct text token = write_token(claims, n);
    struct token_claims got;

    cr_assert_eq(read_text(&token, &got), TOKEN_GOOD, "%s", token.text);
    expect_same(&got, claims);
}

Test(token, what_is_written_is_read)
{
    struct token_claims claims = claims_of(0);

    expect_round(&claims, 0);
    claims = claims_of(1);
    expect_round(&claims, 1);
    claims.role = PB_ROLE_ADMIN;
    claims.is_program = true;
    claims.generation = UINT32_MAX;
    strcpy(claims.scope, "inventory.read accounts.write");
    strcpy(claims.name, "a \"quoted\" na\\me\n\xc3\xa9");
    expect_round(&claims, 1);
    claims.role = PB_ROLE_MANAGER;
    claims.generation = 0;
    claims.expires_s = NOW_S + TOKEN_LIFE_MAX_S;
    expect_round(&claims, 1);
}

/* The longest token that there can be is one that can be read. */
Test(token, everything_of_its_greatest_length)
{
    char longest[TOKEN_ISSUER_BYTES + 1];
    struct token_claims claims = claims_of(0);
    struct pair pair = pair_of(0);
    struct buf out = BUF_INIT;
    struct token_claims got;

    memset(longest, 'i', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    memset(claims.name, '\x01', TOKEN_NAME_BYTES); /* six characters of JSON each */
    memset(claims.scope, 's', TOKEN_SCOPE_BYTES);
    claims.generation = UINT32_MAX;
    token_write(&out, &claims, longest, longest, pair.secret);
    cr_assert_leq(out.length_bytes, TOKEN_TEXT_MAX_BYTES);
    cr_assert_gt(out.length_bytes, TOKEN_TEXT_MAX_BYTES - 200, "%zu", out.length_bytes);
    cr_assert_eq(
        token_read(out.data, out.length_bytes, &pair.key, 1, longest, longest, NOW_S, &got),
        TOKEN_GOOD);
    expect_same(&got, &claims);
    buf_fini(&out);
}

/* It is appended to what is there. */
Test(token, what_stands_before_it_is_not_signed)
{
    struct token_claims claims = claims_of(0);
    struct text alone = write_token(&claims, 0);
    struct pair pair = pair_of(0);
    struct buf out = BUF_INIT;

    buf_puts(&out, "Bearer ");
    token_write(&out, &claims, ISSUER, AUDIENCE, pair.secret);
    cr_assert_eq(out.length_bytes, 7 + alone.bytes);
    cr_assert_eq(memcmp(out.data + 7, alone.text, alone.bytes), 0);
    buf_fini(&out);
}

static enum token_verdict
read_at(const struct text *token, int64_t now_s, struct token_claims *claims)
{
    struct pair pair = pair_of(0);

    return token_read(token->text, token->bytes, &pair.key, 1, ISSUER, AUDIENCE, now_s, claims);
}

Test(token, its_time_to_the_second)
{
    struct token_claims claims = claims_of(0);
    struct text token = write_token(&claims, 0);
    struct token_claims got;

    cr_assert_eq(read_at(&token, NOW_S - TOKEN_SKEW_S - 1, &got), TOKEN_EARLY);
    cr_assert_eq(read_at(&token, NOW_S - TOKEN_SKEW_S, &got), TOKEN_GOOD);
    cr_assert_eq(read_at(&token, NOW_S + 299, &got), TOKEN_GOOD);
    memset(&got, 0, sizeof(got));
    cr_assert_eq(read_at(&token, NOW_S + 300, &got), TOKEN_OVER);
    expect_same(&got, &claims); /* whose it was is for the log */
    cr_assert_eq(read_at(&token, INT64_C(1) << 40, &got), TOKEN_OVER);
}

/* Where it is not good, nothing of it is believed. */
Test(token, claims_are_untouched_by_a_bad_one)
{
    struct token_claims claims = claims_of(0), before, got;
    struct text token = write_token(&claims, 1);

    memset(&got, 0x5a, sizeof(got));
    before = got;
    cr_assert_eq(read_text(&token, &got), TOKEN_FORGED);
    cr_assert_eq(read_at(&token, NOW_S, &got), TOKEN_FORGED);
    token = write_token(&claims, 0);
    cr_assert_eq(read_at(&token, 0, &got), TOKEN_EARLY);
    token.bytes--;
    cr_assert_eq(read_at(&token, NOW_S, &got), TOKEN_FORGED);
    cr_assert_eq(memcmp(&got, &before, sizeof(got)), 0);
}

/* RFC 8037, appendix A: the key, and the signature of A.4. */
static const char rfc_seed[] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
static const char rfc_public[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
static const char rfc_input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
static const char rfc_signature[] =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

static struct pair
rfc_pair(void)
{
    struct pair pair = {.key = {.kid = "AAAAAAAAAAAAAAAA"}};
    unsigned char seed[crypto_sign_SEEDBYTES];
    size_t bytes;

    cr_assert_eq(sodium_base642bin(seed, sizeof(seed), rfc_seed, strlen(rfc_seed), NULL, &bytes,
                                   NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    crypto_sign_seed_keypair(pair.key.public_key, pair.secret, seed);
    return pair;
}

Test(token, known_answer_of_rfc_8037)
{
    struct pair pair = rfc_pair();
    unsigned char signature[crypto_sign_BYTES];
    struct text text = base64(pair.key.public_key, sizeof(pair.key.public_key));

    cr_assert_str_eq(text.text, rfc_public);
    crypto_sign_detached(signature, NULL, (const unsigned char *)rfc_input, strlen(rfc_input),
                         pair.secret);
    text = base64(signature, sizeof(signature));
    cr_assert_str_eq(text.text, rfc_signature);
}

/* Signed with the same key by the program openssl (pkeyutl -sign -rawin), version 3.0. */
static const char openssl_token[] =
    "eyJhbGciOiJFZERTQSIsImtpZCI6IkFBQUFBQUFBQUFBQUFBQUEiLCJ0eXAiOiJhdCtqd3QifQ"
    ".eyJpc3MiOiJodHRwczovL2RlcG90LmV4YW1wbGUiLCJhdWQiOiJkZXBvdCIsInN1YiI6IjAxOTVhM2MwLTdjMDAtNzAw"
    "MC04MDAwLTAwMDAwMDAwMDAwMSIsInNpZCI6IjAxOTVhM2MwLTdjMDAtNzAwMC04MDAwLTAwMDAwMDAwMDBhYSIsImp0a"
    "SI6IjAxOTVhM2MwLTdjMDAtNzAwMC04MDAwLTAwMDAwMDAwMDBmZiIsInByZWZlcnJlZF91c2VybmFtZSI6ImFubmEiLC"
    "Jyb2xlIjoibWFuYWdlciIsInNjb3BlIjoiaW52ZW50b3J5LnJlYWQgYWNjb3VudHMucmVhZCIsImFtciI6WyJrZXkiXSw"
    "iZ2VuIjo3LCJpYXQiOjE4MDAwMDAwMDAsIm5iZiI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDAwNjAwfQ"
    ".2rFBeHQwVTD9-23CoN1X4lIxoOb5Nfkx6sfwEe9Qt-iBfBieNjWBP3mGpZhR3hJ3wf0R6gtwRVuNO-oQDVCXDQ";

Test(token, the_same_token_as_openssl_makes)
{
    struct token_claims claims = claims_of(0), got;
    struct pair pair = rfc_pair();
    struct buf out = BUF_INIT;

    strcpy(claims.kid, pair.key.kid);
    strcpy(claims.scope, "inventory.read accounts.read");
    claims.role = PB_ROLE_MANAGER;
    claims.is_program = true;
    claims.expires_s = NOW_S + 600;
    token_write(&out, &claims, ISSUER, AUDIENCE, pair.secret);
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, openssl_token);
    cr_assert_eq(token_read(openssl_token, strlen(openssl_token), &pair.key, 1, ISSUER, AUDIENCE,
                            NOW_S, &got),
                 TOKEN_GOOD);
    expect_same(&got, &claims);
    buf_fini(&out);
}

Test(token, keys_as_a_set)
{
    struct token_key keys[2] = {rfc_pair().key, pair_of(1).key};
    struct buf out = BUF_INIT;
    json_t *set, *key;

    token_write_jwks(&out, keys, 2);
    set = json_loadb(out.data, out.length_bytes, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_eq(json_array_size(json_object_get(set, "keys")), 2);
    key = json_array_get(json_object_get(set, "keys"), 0);
    cr_assert_eq(json_object_size(key), 6, "no secret member, no other");
    cr_assert_str_eq(json_string_value(json_object_get(key, "kty")), "OKP");
    cr_assert_str_eq(json_string_value(json_object_get(key, "crv")), "Ed25519");
    cr_assert_str_eq(json_string_value(json_object_get(key, "alg")), "EdDSA");
    cr_assert_str_eq(json_string_value(json_object_get(key, "use")), "sig");
    cr_assert_str_eq(json_string_value(json_object_get(key, "kid")), "AAAAAAAAAAAAAAAA");
    cr_assert_str_eq(json_string_value(json_object_get(key, "x")), rfc_public);
    json_decref(set);
    buf_clear(&out, SIZE_MAX);
    token_write_jwks(&out, keys, 0);
    cr_assert_eq(out.length_bytes, 11);
    cr_assert_eq(memcmp(out.data, "{\"keys\":[]}", 11), 0);
    buf_fini(&out);
}

Test(token, what_can_be_an_issuer)
{
    char longest[TOKEN_ISSUER_BYTES + 2];

    memset(longest, 'x', sizeof(longest));
    longest[TOKEN_ISSUER_BYTES + 1] = '\0';
    cr_assert_not(token_issuer_fits(longest));
    longest[TOKEN_ISSUER_BYTES] = '\0';
    cr_assert(token_issuer_fits(longest));
    cr_assert(token_issuer_fits("a b"));
    cr_assert_not(token_issuer_fits(""));
    cr_assert_not(token_issuer_fits("a\"b"));
    cr_assert_not(token_issuer_fits("a\\b"));
    cr_assert_not(token_issuer_fits("a\nb"));
    cr_assert_not(token_issuer_fits("\xc3\xa9"));
    cr_assert_not(token_issuer_fits("\x7f"));
}
