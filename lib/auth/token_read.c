/*
 * Reading a token: form, header, key, signature, and only then what it claims. Anything that a
 * token of ours cannot have is a reason to refuse it, so there is nothing in it for two readers to
 * understand in two ways.
 */
#include <sodium.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/members.h"
#include "auth/policy.h"
#include "auth/token.h"
#include "base/uuid.h"

_Static_assert(TOKEN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(TOKEN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");
_Static_assert(TOKEN_ID_BYTES + 1 == UUID_TEXT_BYTES, "ids are UUIDs");

struct part {
    const char *text;
    size_t bytes;
};

struct header {
    char alg[8], typ[8], kid[TOKEN_KID_BYTES + 1];
};

static const struct member_rule header_rules[] = {
    MEMBER("alg", MEMBER_TEXT, struct header, alg),
    MEMBER("kid", MEMBER_TEXT, struct header, kid),
    MEMBER("typ", MEMBER_TEXT, struct header, typ),
};

/* The claims as they stand there. */
struct said {
    char issuer[TOKEN_ISSUER_BYTES + 1], audience[TOKEN_ISSUER_BYTES + 1];
    char subject[UUID_TEXT_BYTES], session[UUID_TEXT_BYTES], id[UUID_TEXT_BYTES];
    char name[TOKEN_NAME_BYTES + 1], scope[TOKEN_SCOPE_BYTES + 1];
    char role[16], method[4];
    int64_t generation, issued_s, not_before_s, expires_s;
};

static const struct member_rule claim_rules[] = {
    MEMBER("iss", MEMBER_TEXT, struct said, issuer),
    MEMBER("aud", MEMBER_TEXT, struct said, audience),
    MEMBER("sub", MEMBER_TEXT, struct said, subject),
    MEMBER("sid", MEMBER_TEXT, struct said, session),
    MEMBER("jti", MEMBER_TEXT, struct said, id),
    MEMBER("preferred_username", MEMBER_TEXT, struct said, name),
    MEMBER("role", MEMBER_TEXT, struct said, role),
    MEMBER("scope", MEMBER_OPEN, struct said, scope),
    MEMBER("amr", MEMBER_ONE_TEXT, struct said, method),
    MEMBER("gen", MEMBER_NUMBER, struct said, generation),
    MEMBER("iat", MEMBER_NUMBER, struct said, issued_s),
    MEMBER("nbf", MEMBER_NUMBER, struct said, not_before_s),
    MEMBER("exp", MEMBER_NUMBER, struct said, expires_s),
};

/* Three parts with a dot between, and no other dot. */
static bool
split(const char *text, size_t bytes, struct part parts[static 3])
{
    const char *end = text + bytes;

    for (int i = 0; i < 3; i++) {
        const char *dot = memchr(text, '.', (size_t)(end - text));

        if ((dot == NULL) != (i == 2)) {
            return false;
        }
        parts[i] = (struct part){text, (size_t)((dot == NULL ? end : dot) - text)};
        text = dot == NULL ? end : dot + 1;
    }
    return true;
}

static bool
read_members(const struct part *part, const struct member_rule *rules, size_t n_rules, void *out)
{
    char json[TOKEN_TEXT_MAX_BYTES];
    size_t bytes;

    return base64url_decode(part->text, part->bytes, json, sizeof(json), &bytes) &&
           members_read(json, bytes, rules, n_rules, out);
}

static bool
read_header(const struct part *part, struct header *header)
{
    return read_members(part, header_rules, sizeof(header_rules) / sizeof(header_rules[0]),
                        header) &&
           strcmp(header->alg, "EdDSA") == 0 && strcmp(header->typ, "at+jwt") == 0;
}

static const struct token_key *
find_key(const struct token_key *keys, size_t n_keys, const char *kid)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].kid, kid) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

static bool
is_signed(const char *text, const struct part *signature, const struct token_key *key)
{
    unsigned char bytes[crypto_sign_BYTES];
    size_t n;

    return base64url_decode(signature->text, signature->bytes, bytes, sizeof(bytes), &n) &&
           n == sizeof(bytes) &&
           crypto_sign_verify_detached(bytes, (const unsigned char *)text,
                                       (size_t)(signature->text - text) - 1, key->public_key) == 0;
}

/* One text for each id, so that ids can be compared as texts. */
static bool
is_id(const char *text)
{
    return uuid_valid(text, strlen(text)) && strpbrk(text, "ABCDEF") == NULL;
}

static bool
is_ours(const struct said *said, const char *issuer, const char *audience)
{
    return strcmp(said->issuer, issuer) == 0 && strcmp(said->audience, audience) == 0 &&
           is_id(said->subject) && is_id(said->session) && is_id(said->id) &&
           auth_role_parse(said->role) >= 0 &&
           (strcmp(said->method, "key") == 0 || strcmp(said->method, "pwd") == 0) &&
           said->generation <= UINT32_MAX && said->issued_s < said->expires_s &&
           said->not_before_s < said->expires_s &&
           said->expires_s - said->not_before_s <= TOKEN_LIFE_MAX_S;
}

static void
fill(struct token_claims *claims, const struct said *said, const char *kid)
{
    memcpy(claims->kid, kid, sizeof(claims->kid));
    memcpy(claims->subject, said->subject, sizeof(claims->subject));
    memcpy(claims->session, said->session, sizeof(claims->session));
    memcpy(claims->id, said->id, sizeof(claims->id));
    memcpy(claims->name, said->name, sizeof(claims->name));
    memcpy(claims->scope, said->scope, sizeof(claims->scope));
    claims->role = (unsigned)auth_role_parse(said->role);
    claims->is_program = strcmp(said->method, "key") == 0;
    claims->generation = (uint32_t)said->generation;
    claims->not_before_s = said->not_before_s;
    claims->expires_s = said->expires_s;
}

enum token_verdict
token_read(const char *text, size_t bytes, const struct token_key *keys, size_t n_keys,
           const char *issuer, const char *audience, int64_t now_s, struct token_claims *claims)
{
    struct part parts[3];
    struct header header = {0};
    struct said said = {0};
    const struct token_key *key;

    if (bytes > TOKEN_TEXT_MAX_BYTES || !split(text, bytes, parts) ||
        !read_header(&parts[0], &header)) {
        return TOKEN_MALFORMED;
    }
    key = find_key(keys, n_keys, header.kid);
    if (key == NULL) {
        return TOKEN_UNKNOWN_KEY;
    }
    if (!is_signed(text, &parts[2], key)) {
        return TOKEN_FORGED;
    }
    if (!read_members(&parts[1], claim_rules, sizeof(claim_rules) / sizeof(claim_rules[0]),
                      &said) ||
        !is_ours(&said, issuer, audience)) {
        return TOKEN_MALFORMED;
    }
    if (said.not_before_s > now_s + TOKEN_SKEW_S) {
        return TOKEN_EARLY;
    }
    fill(claims, &said, key->kid);
    return said.expires_s > now_s ? TOKEN_GOOD : TOKEN_OVER;
}
