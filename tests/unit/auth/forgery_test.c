/*
 * Tokens that somebody made up, or changed. Most of them are signed with the right key all the
 * same, so that what refuses them is the check meant, and not the signature.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static void
expect(const struct text *token, enum token_verdict wanted, const char *what)
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

/* --- headers --- */

static void
expect_header(const char *header, enum token_verdict wanted)
{
    struct text claims = claims_json(0);
    struct text token = forge(header, claims.text, 0);

    expect(&token, wanted, header);
}

/* In the header of key 0, with one thing replaced. */
static void
expect_other_header(const char *from, const char *to, enum token_verdict wanted)
{
    struct text header = header_json(0);

    header = replace(&header, from, to);
    expect_header(header.text, wanted);
}

Test(forgery, the_header_itself_is_good)
{
    struct text header = header_json(0);

    expect_header(header.text, TOKEN_GOOD);
    cr_assert_str_eq(header.text,
                     "{\"alg\":\"EdDSA\",\"kid\":\"key_00000000000-\",\"typ\":\"at+jwt\"}");
    expect_header(" { \"typ\" : \"at+jwt\" , \"kid\":\"key_00000000000-\",\"alg\":\"Ed\\u0044SA\"}",
                  TOKEN_GOOD);
}

Test(forgery, other_algorithms)
{
    static const char *const algorithms[] = {
        "none",    "None",  "NONE",     "nOnE",   "",       "HS256",   "HS384",         "HS512",
        "RS256",   "PS256", "ES256",    "ES256K", "ES512",  "eddsa",   "EDDSA",         "EdDSA ",
        "Ed25519", "Ed448", "EdDSA\\n", "EdDS",   "EdDSA1", "EdDSAAA", "EdDSA\\u0000x",
    };

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        char quoted[64];

        snprintf(quoted, sizeof(quoted), "\"%s\"", algorithms[i]);
        expect_other_header("\"EdDSA\"", quoted, TOKEN_MALFORMED);
    }
    expect_other_header("\"EdDSA\"", "null", TOKEN_MALFORMED);
    expect_other_header("\"EdDSA\"", "[\"EdDSA\"]", TOKEN_MALFORMED);
    expect_other_header("\"EdDSA\"", "{}", TOKEN_MALFORMED);
    expect_other_header("\"alg\":\"EdDSA\",", "", TOKEN_MALFORMED);
    expect_other_header("alg", "Alg", TOKEN_MALFORMED);
}

/* The public key is known to all; as a secret for HMAC it must open nothing. */
Test(forgery, the_public_key_as_a_secret)
{
    struct text header = header_json(0), claims = claims_json(0), token, signature;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    struct pair pair = pair_of(0);
    static const char *const algorithms[] = {"HS256", "EdDSA"};

    for (size_t i = 0; i < 2; i++) {
        header = header_json(0);
        header = replace(&header, "EdDSA", algorithms[i]);
        token = forge(header.text, claims.text, 0);
        token.bytes = (size_t)(strrchr(token.text, '.') - token.text);
        crypto_auth_hmacsha256(mac, (unsigned char *)token.text, token.bytes, pair.key.public_key);
        signature = base64(mac, sizeof(mac));
        token.text[token.bytes++] = '.';
        memcpy(token.text + token.bytes, signature.text, signature.bytes + 1);
        token.bytes += signature.bytes;
        expect(&token, i == 0 ? TOKEN_MALFORMED : TOKEN_FORGED, algorithms[i]);
    }
}

Test(forgery, headers_that_bring_their_own_key)
{
    static const char *const members[] = {
        "\"jku\":\"https://evil.example/jwks.json\"",
        "\"x5u\":\"https://evil.example/cert.pem\"",
        "\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiM\"}",
        "\"x5c\":[\"MIIB\"]",
        "\"x5t\":\"MIIB\"",
        "\"crit\":[\"exp\"]",
        "\"crit\":[]",
        "\"b64\":false",
        "\"zip\":\"DEF\"",
        "\"cty\":\"JWT\"",
        "\"alg\":\"EdDSA\"",
        "\"kid\":\"key_00000000001-\"",
        "\"\":\"\"",
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        char more[256];

        snprintf(more, sizeof(more), ",%s}", members[i]);
        expect_other_header("}", more, TOKEN_MALFORMED);
        snprintf(more, sizeof(more), "{%s,", members[i]);
        expect_other_header("{", more, TOKEN_MALFORMED);
    }
}

Test(forgery, kinds_of_tokens)
{
    static const char *const kinds[] = {"JWT",     "at+JWT",   "AT+JWT", "application/at+jwt",
                                        "at+jwt ", "dpop+jwt", ""};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        expect_other_header("at+jwt", kinds[i], TOKEN_MALFORMED);
    }
    expect_other_header(",\"typ\":\"at+jwt\"", "", TOKEN_MALFORMED);
    expect_other_header("\"at+jwt\"", "true", TOKEN_MALFORMED);
}

Test(forgery, keys_that_are_not_given_out)
{
    struct token_claims claims = claims_of(2);
    struct text token = write_token(&claims, 2);

    expect(&token, TOKEN_UNKNOWN_KEY, "key 2");
    expect_other_header("key_00000000000-", "key_00000000000_", TOKEN_UNKNOWN_KEY);
    expect_other_header("key_00000000000-", "KEY_00000000000-", TOKEN_UNKNOWN_KEY);
    expect_other_header("key_00000000000-", "key_0000000000", TOKEN_UNKNOWN_KEY);
    expect_other_header("key_00000000000-", "key_00000000000-0", TOKEN_MALFORMED);
    expect_other_header("key_00000000000-", "../../etc/passwd' OR 1=1 --", TOKEN_MALFORMED);
    expect_other_header("key_00000000000-", "key_00000000000-\\u0000", TOKEN_MALFORMED);
    expect_other_header("key_00000000000-", "", TOKEN_MALFORMED);
    expect_other_header("\"kid\":\"key_00000000000-\",", "", TOKEN_MALFORMED);
    expect_other_header("\"key_00000000000-\"", "0", TOKEN_MALFORMED);
    /* The kid of one, the signature of the other. */
    expect_other_header("key_00000000000-", "key_00000000001-", TOKEN_FORGED);
}

/* --- claims --- */

static void
expect_claims(const char *claims, enum token_verdict wanted)
{
    struct text header = header_json(0);
    struct text token = forge(header.text, claims, 0);

    expect(&token, wanted, claims);
}

static void
expect_other_claims(const char *from, const char *to, enum token_verdict wanted)
{
    struct text claims = claims_json(0);

    claims = replace(&claims, from, to);
    expect_claims(claims.text, wanted);
}

static const char *const members[] = {
    "\"iss\":\"" ISSUER "\"",
    "\"aud\":\"" AUDIENCE "\"",
    "\"sub\":\"" ANNA "\"",
    "\"sid\":\"" SESSION "\"",
    "\"jti\":\"0195a3c0-7c00-7000-8000-0000000000ff\"",
    "\"preferred_username\":\"anna\"",
    "\"role\":\"member\"",
    "\"scope\":\"\"",
    "\"amr\":[\"pwd\"]",
    "\"gen\":7",
    "\"iat\":1800000000",
    "\"nbf\":1800000000",
    "\"exp\":1800000300",
};
enum { N_MEMBERS = sizeof(members) / sizeof(members[0]) };

/* All members, with the n-th replaced; "" leaves it out. */
static struct text
claims_with(size_t n, const char *other)
{
    struct text all = {.text = "{"};

    all.bytes = 1;
    for (size_t i = 0; i < N_MEMBERS; i++) {
        const char *member = i == n ? other : members[i];

        if (member[0] != '\0') {
            all.bytes +=
                (size_t)sprintf(all.text + all.bytes, "%s%s", all.bytes == 1 ? "" : ",", member);
        }
    }
    all.text[all.bytes++] = '}';
    return all;
}

Test(forgery, the_claims_themselves_are_good)
{
    struct text claims = claims_with(N_MEMBERS, "");
    struct text written = claims_json(0);

    cr_assert_str_eq(claims.text, written.text);
    expect_claims(claims.text, TOKEN_GOOD);
}

Test(forgery, each_claim_missing_twice_or_of_another_type)
{
    static const char *const values[] = {
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1800000000.0",
        "1.8e9",
        "{}",
        "[]",
        "[[]]",
        "\"1\"",
        "\"\"",
        "[1]",
        "[\"a\",\"b\"]",
        "[\"\"]",
        "[null]",
        "\"1800000000\"",
        "99999999999999999",
        "-1800000300",
        "[\"" AUDIENCE "\"]",
        "[\"pwd\",\"key\"]",
    };

    for (size_t i = 0; i < N_MEMBERS; i++) {
        int name = (int)(strchr(members[i] + 1, '"') + 1 - members[i]);
        struct text claims = claims_with(i, "");
        char other[256];

        expect_claims(claims.text, TOKEN_MALFORMED);
        snprintf(other, sizeof(other), "%s,%s", members[i], members[i]);
        claims = claims_with(i, other);
        expect_claims(claims.text, TOKEN_MALFORMED);
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            /* What is good, by way of exception: a generation, a time long past; a name, a scope.
             */
            bool fits = (strcmp(values[j], "0") == 0 && (i == 9 || i == 10)) ||
                        (i == 5 && values[j][0] == '"' && values[j][1] != '"') ||
                        (i == 7 && values[j][0] == '"');

            snprintf(other, sizeof(other), "%.*s:%s", name, members[i], values[j]);
            claims = claims_with(i, other);
            expect_claims(claims.text, fits ? TOKEN_GOOD : TOKEN_MALFORMED);
        }
    }
}

/* A list that goes on, where nothing comes behind it that could be missed. */
Test(forgery, two_methods_at_the_end)
{
    struct text claims = claims_json(0);

    claims = replace(&claims, "\"amr\":[\"pwd\"],", "");
    claims = replace(&claims, "}", ",\"amr\":[\"pwd\"]}");
    expect_claims(claims.text, TOKEN_GOOD);
    claims = replace(&claims, "[\"pwd\"]", "[\"pwd\",\"key\"]");
    expect_claims(claims.text, TOKEN_MALFORMED);
}

Test(forgery, claims_that_nobody_asked_for)
{
    expect_other_claims("}", ",\"admin\":true}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"cnf\":{}}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"preferredUsername\":\"root\"}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"Role\":\"admin\"}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"r\\u006fle\":\"admin\"}", TOKEN_MALFORMED);
    expect_other_claims("\"role\"", "\"r\\u006fle\"", TOKEN_GOOD);
}

Test(forgery, other_issuers_and_audiences)
{
    expect_other_claims(ISSUER, "https://depot.example/", TOKEN_MALFORMED);
    expect_other_claims(ISSUER, "https://depot.exampl", TOKEN_MALFORMED);
    expect_other_claims(ISSUER, "https://evil.example", TOKEN_MALFORMED);
    expect_other_claims(ISSUER, "HTTPS://depot.example", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":\"depo\"", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":\"depot2\"", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":\"depot\\u0000\"", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":[\"depot\"]", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":[\"evil\",\"depot\"]", TOKEN_MALFORMED);
}

Test(forgery, ids_roles_and_methods)
{
    expect_other_claims(ANNA, "0195A3C0-7c00-7000-8000-000000000001", TOKEN_MALFORMED);
    expect_other_claims(ANNA, "0195a3c0-7c00-7000-8000-00000000000", TOKEN_MALFORMED);
    expect_other_claims(ANNA, "0195a3c0-7c00-7000-8000-0000000000011", TOKEN_MALFORMED);
    expect_other_claims(ANNA, "{195a3c0-7c00-7000-8000-00000000001}", TOKEN_MALFORMED);
    expect_other_claims(SESSION, "anna", TOKEN_MALFORMED);
    expect_other_claims("0000000000ff", "0000000000fg", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"admin\"", TOKEN_GOOD);
    expect_other_claims("\"member\"", "\"operator\"", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"anonymous\"", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"Admin\"", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"admin manager\"", TOKEN_MALFORMED);
    expect_other_claims("\"pwd\"", "\"key\"", TOKEN_GOOD);
    expect_other_claims("\"pwd\"", "\"otp\"", TOKEN_MALFORMED);
    expect_other_claims("\"pwd\"", "\"pwd1\"", TOKEN_MALFORMED);
    expect_other_claims("[\"pwd\"]", "\"pwd\"", TOKEN_MALFORMED);
    expect_other_claims("\"gen\":7", "\"gen\":4294967295", TOKEN_GOOD);
    expect_other_claims("\"gen\":7", "\"gen\":4294967296", TOKEN_MALFORMED);
}

Test(forgery, lengths_of_names_and_scopes)
{
    char longer[TOKEN_SCOPE_BYTES + 16];
    struct text claims = claims_json(0);

    memset(longer, 'x', sizeof(longer));
    longer[TOKEN_NAME_BYTES] = '\0';
    expect_other_claims("\"anna\"", "\"\"", TOKEN_MALFORMED);
    claims = replace(&claims, "anna", longer);
    expect_claims(claims.text, TOKEN_GOOD);
    longer[TOKEN_NAME_BYTES] = 'x';
    longer[TOKEN_NAME_BYTES + 1] = '\0';
    expect_other_claims("anna", longer, TOKEN_MALFORMED);
    memcpy(longer, "\"scope\":\"", 9);
    memset(longer + 9, 'y', sizeof(longer) - 9);
    longer[9 + TOKEN_SCOPE_BYTES] = '\0';
    expect_other_claims("\"scope\":\"", longer, TOKEN_GOOD);
    longer[9 + TOKEN_SCOPE_BYTES] = 'y';
    longer[9 + TOKEN_SCOPE_BYTES + 1] = '\0';
    expect_other_claims("\"scope\":\"", longer, TOKEN_MALFORMED);
}

Test(forgery, times)
{
    struct text claims;

    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000000", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1799999999", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000001", TOKEN_GOOD);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000600", TOKEN_GOOD);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000601", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":9999999999999999", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":18446744073709551616", TOKEN_MALFORMED);
    expect_other_claims("\"nbf\":1800000000", "\"nbf\":1799999699", TOKEN_MALFORMED);
    expect_other_claims("\"nbf\":1800000000", "\"nbf\":1800000030", TOKEN_GOOD);
    expect_other_claims("\"nbf\":1800000000", "\"nbf\":1800000031", TOKEN_EARLY);
    expect_other_claims("\"iat\":1800000000", "\"iat\":1800000300", TOKEN_MALFORMED);
    claims = claims_json(0);
    claims = replace(&claims, "\"nbf\":1800000000", "\"nbf\":1799999400");
    claims = replace(&claims, "\"iat\":1800000000", "\"iat\":1799999400");
    claims = replace(&claims, "1800000300", "1800000000");
    expect_claims(claims.text, TOKEN_OVER);
}

Test(forgery, claims_that_are_no_object)
{
    static const char *const documents[] = {
        "", " ", "{", "}", "{}", "[]", "null", "7", "\"a\"", "{}{}", "[{}]", "{\"iss\"}", "\xff",
    };
    char deep[1200];

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        expect_claims(documents[i], TOKEN_MALFORMED);
    }
    memset(deep, '[', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    expect_claims(deep, TOKEN_MALFORMED);
    expect_other_claims("\"pwd\"", "[[[[[[\"pwd\"]]]]]]", TOKEN_MALFORMED);
    expect_other_claims("}", "} ", TOKEN_GOOD);
    expect_other_claims("}", "}x", TOKEN_MALFORMED);
    expect_other_claims("anna", "an\xc3na", TOKEN_MALFORMED);
    expect_other_claims("anna", "an\\ud800na", TOKEN_MALFORMED);
}

/* --- the text --- */

static struct text
good_token(void)
{
    struct token_claims claims = claims_of(0);

    return write_token(&claims, 0);
}

/* The good token with some bytes put in at a place. */
static void
expect_with(size_t at, const char *bytes, size_t n)
{
    struct text token = good_token();

    memmove(token.text + at + n, token.text + at, token.bytes - at);
    memcpy(token.text + at, bytes, n);
    token.bytes += n;
    cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu: %s", at, bytes);
}

Test(forgery, something_put_in_anywhere)
{
    struct text token = good_token();

    for (size_t at = 0; at <= token.bytes; at++) {
        expect_with(at, ".", 1);
        expect_with(at, " ", 1);
        expect_with(at, "\n", 1);
        expect_with(at, "\0", 1);
        expect_with(at, "=", 1);
        expect_with(at, "==", 2);
        expect_with(at, "A", 1);
        expect_with(at, "AAAA", 4);
    }
}

Test(forgery, a_byte_less_anywhere)
{
    struct text good = good_token();

    for (size_t at = 0; at < good.bytes; at++) {
        struct text token = good;

        memmove(token.text + at, token.text + at + 1, token.bytes - at);
        token.bytes--;
        cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu", at);
        token = good;
        token.bytes = at;
        expect(&token, at < 100 ? TOKEN_MALFORMED : read_text(&token, &(struct token_claims){0}),
               "a beginning");
        cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu", at);
    }
}

/* Every other value of every byte of the text: nothing in it is without meaning. */
Test(forgery, every_byte_changed)
{
    struct text good = good_token(), token = good;

    for (size_t at = 0; at < good.bytes; at++) {
        for (unsigned value = 0; value < 256; value += at < 120 ? 1 : 37) {
            token.text[at] = (char)value;
            if (token.text[at] != good.text[at]) {
                cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu %u %s",
                              at, value, good.text);
            }
        }
        token.text[at] = good.text[at];
    }
}

/* Each bit of the signature, decoded and encoded again. */
Test(forgery, every_bit_of_the_signature)
{
    struct text good = good_token();
    size_t start = (size_t)(strrchr(good.text, '.') + 1 - good.text);
    unsigned char signature[crypto_sign_BYTES];
    size_t n;

    cr_assert_eq(sodium_base642bin(signature, sizeof(signature), good.text + start,
                                   good.bytes - start, NULL, &n, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
        struct text token = good, part;

        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
        part = base64(signature, sizeof(signature));
        memcpy(token.text + start, part.text, part.bytes);
        expect(&token, TOKEN_FORGED, "a bit of the signature");
        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

/* The last character of 64 bytes has four bits that mean nothing: they must be zero. */
Test(forgery, base64_that_is_not_canonical)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct text good = good_token();
    size_t n_good = 0;

    for (const char *c = alphabet; *c != '\0'; c++) {
        struct text token = good;

        token.text[token.bytes - 1] = *c;
        n_good += read_text(&token, &(struct token_claims){0}) == TOKEN_GOOD;
    }
    cr_assert_eq(n_good, 1);
}

/* The other alphabet of base64 says the same with other characters. */
Test(forgery, the_other_alphabet)
{
    unsigned n_changed = 0;

    for (unsigned n = 0; n < 2; n++) {
        struct token_claims claims = claims_of(n);
        struct text token = write_token(&claims, n);

        for (size_t i = 0; i < token.bytes; i++) {
            n_changed += token.text[i] == '-' || token.text[i] == '_';
            token.text[i] = token.text[i] == '-' ? '+' : token.text[i] == '_' ? '/' : token.text[i];
        }
        cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD);
    }
    cr_assert_gt(n_changed, 0);
}

Test(forgery, parts_of_two_tokens)
{
    struct token_claims claims = claims_of(0);
    struct text first = write_token(&claims, 0), second, mixed = {.text = ""};
    int header = (int)strcspn(first.text, ".");
    int both = (int)(strrchr(first.text, '.') - first.text);

    claims.role = PB_ROLE_ADMIN;
    second = write_token(&claims, 0);
    mixed.bytes =
        (size_t)sprintf(mixed.text, "%.*s%s", both, first.text, strrchr(second.text, '.'));
    expect(&mixed, TOKEN_FORGED, "the signature of another");
    claims = claims_of(1);
    second = write_token(&claims, 1);
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s%s", header, second.text, first.text + header);
    expect(&mixed, TOKEN_FORGED, "the header of another");
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s.", both, first.text);
    expect(&mixed, TOKEN_FORGED, "no signature");
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s", both, first.text);
    expect(&mixed, TOKEN_MALFORMED, "two parts");
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s.AAAA.AAAA", 2000, first.text);
    expect(&mixed, TOKEN_MALFORMED, "five parts");
}

Test(forgery, texts_that_are_no_token)
{
    static const char *const texts[] = {
        "", ".", "..", "...", "a.b.c", "Bearer x", "null", "e30.e30.e30", "e30.e30.",
    };
    static struct text token;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        token.bytes = strlen(texts[i]);
        memcpy(token.text, texts[i], token.bytes + 1);
        expect(&token, TOKEN_MALFORMED, texts[i]);
    }
    memset(token.text, 'A', 4096);
    token.bytes = 4096;
    expect(&token, TOKEN_MALFORMED, "4 KiB");
    memset(token.text, '.', 4096);
    expect(&token, TOKEN_MALFORMED, "4 KiB of dots");
}

/* Also a good one is only so long: white space in the JSON is signed, too. */
Test(forgery, longer_than_any_token)
{
    struct text header = header_json(0);
    struct text claims = claims_json(0), token;
    size_t n = 0;

    do {
        token = forge(header.text, claims.text, 0);
        expect(&token, token.bytes <= TOKEN_TEXT_MAX_BYTES ? TOKEN_GOOD : TOKEN_MALFORMED,
               "spaces");
        claims.text[claims.bytes++] = ' ';
        n += token.bytes > TOKEN_TEXT_MAX_BYTES;
    } while (n < 10);
}
