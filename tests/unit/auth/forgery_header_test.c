/*
 * Headers that somebody made up, or changed. Most of the tokens are signed with the right key all
 * the same, so that what refuses them is the check meant, and not the signature.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static void
expect_header(const char *header, enum token_verdict wanted)
{
    struct text claims = claims_json(0);
    struct text token = forge(header, claims.text, 0);

    expect_verdict(&token, wanted, header);
}

/* In the header of key 0, with one thing replaced. */
static void
expect_other_header(const char *from, const char *to, enum token_verdict wanted)
{
    struct text header = header_json(0);

    header = replace(&header, from, to);
    expect_header(header.text, wanted);
}

Test(forgery_header, the_header_itself_is_good)
{
    struct text header = header_json(0);

    expect_header(header.text, TOKEN_GOOD);
    cr_assert_str_eq(header.text,
                     "{\"alg\":\"EdDSA\",\"kid\":\"key_00000000000-\",\"typ\":\"at+jwt\"}");
    expect_header(" { \"typ\" : \"at+jwt\" , \"kid\":\"key_00000000000-\",\"alg\":\"Ed\\u0044SA\"}",
                  TOKEN_GOOD);
}

Test(forgery_header, other_algorithms)
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
Test(forgery_header, the_public_key_as_a_secret)
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
        expect_verdict(&token, i == 0 ? TOKEN_MALFORMED : TOKEN_FORGED, algorithms[i]);
    }
}

Test(forgery_header, headers_that_bring_their_own_key)
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

Test(forgery_header, kinds_of_tokens)
{
    static const char *const kinds[] = {"JWT",     "at+JWT",   "AT+JWT", "application/at+jwt",
                                        "at+jwt ", "dpop+jwt", ""};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        expect_other_header("at+jwt", kinds[i], TOKEN_MALFORMED);
    }
    expect_other_header(",\"typ\":\"at+jwt\"", "", TOKEN_MALFORMED);
    expect_other_header("\"at+jwt\"", "true", TOKEN_MALFORMED);
}

Test(forgery_header, keys_that_are_not_given_out)
{
    struct token_claims claims = claims_of(2);
    struct text token = write_token(&claims, 2);

    expect_verdict(&token, TOKEN_UNKNOWN_KEY, "key 2");
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
