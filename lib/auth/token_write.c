/* Tokens and key sets as text. */
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/policy.h"
#include "auth/token.h"
#include "base/assert.h"

static void
put_text(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "\"%s\":", name);
    buf_put_json_string(out, text, strlen(text));
    buf_putc(out, ',');
}

static void
put_header(struct buf *out, const char *kid)
{
    struct buf json = BUF_INIT;

    buf_printf(&json, "{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", kid);
    base64url_put(out, json.data, json.length_bytes);
    buf_fini(&json);
}

static void
put_claims(struct buf *out, const struct token_claims *claims, const char *issuer,
           const char *audience)
{
    struct buf json = BUF_INIT;

    buf_putc(&json, '{');
    put_text(&json, "iss", issuer);
    put_text(&json, "aud", audience);
    put_text(&json, "sub", claims->subject);
    put_text(&json, "sid", claims->session);
    put_text(&json, "jti", claims->id);
    put_text(&json, "preferred_username", claims->name);
    put_text(&json, "role", auth_role_name(claims->role));
    put_text(&json, "scope", claims->scope);
    buf_printf(&json, "\"amr\":[\"%s\"],\"gen\":%" PRIu32, claims->is_program ? "key" : "pwd",
               claims->generation);
    buf_printf(&json, ",\"iat\":%" PRId64 ",\"nbf\":%" PRId64 ",\"exp\":%" PRId64 "}",
               claims->not_before_s, claims->not_before_s, claims->expires_s);
    base64url_put(out, json.data, json.length_bytes);
    buf_fini(&json);
}

bool
token_issuer_fits(const char *text)
{
    size_t bytes = 0;

    for (; text[bytes] != '\0' && bytes <= TOKEN_ISSUER_BYTES; bytes++) {
        char c = text[bytes];

        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
            return false;
        }
    }
    return bytes > 0 && bytes <= TOKEN_ISSUER_BYTES;
}

void
token_write(struct buf *out, const struct token_claims *claims, const char *issuer,
            const char *audience, const unsigned char secret[static TOKEN_SECRET_BYTES])
{
    unsigned char signature[crypto_sign_BYTES];
    size_t start = out->length_bytes;

    ASSERT(token_issuer_fits(issuer) && token_issuer_fits(audience));
    ASSERT(claims->expires_s > claims->not_before_s &&
           claims->expires_s - claims->not_before_s <= TOKEN_LIFE_MAX_S);
    put_header(out, claims->kid);
    buf_putc(out, '.');
    put_claims(out, claims, issuer, audience);
    crypto_sign_detached(signature, NULL, (unsigned char *)out->data + start,
                         out->length_bytes - start, secret);
    buf_putc(out, '.');
    base64url_put(out, signature, sizeof(signature));
    ASSERT(out->length_bytes - start <= TOKEN_TEXT_MAX_BYTES);
}

void
token_write_jwks(struct buf *out, const struct token_key *keys, size_t n_keys)
{
    buf_puts(out, "{\"keys\":[");
    for (size_t i = 0; i < n_keys; i++) {
        buf_printf(out,
                   "%s{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\","
                   "\"kid\":\"%s\",\"x\":\"",
                   i == 0 ? "" : ",", keys[i].kid);
        base64url_put(out, keys[i].public_key, sizeof(keys[i].public_key));
        buf_puts(out, "\"}");
    }
    buf_puts(out, "]}");
}
