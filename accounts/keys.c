#include "accounts/keys.h"

#include <sodium.h>
#include <string.h>

#include "accounts/accounts.h"
#include "accounts/bytes.h"
#include "accounts/settings.h"
#include "service/secret.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_BYTES = NONCE_BYTES + TOKEN_SECRET_BYTES + TAG_BYTES,
    KID_RANDOM_BYTES = 12,
};

static void
seal_key(unsigned char key[static SECRET_BYTES])
{
    _Static_assert(SECRET_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a key");
    service_secret("signing-key", key);
}

/* The name says nothing of the key: another key is derived for it. */
void
keys_set_seal(struct call *call, struct db_params *params)
{
    unsigned char digest[SECRET_BYTES];
    char name[KEYS_SEAL_BYTES + 1];

    service_secret("signing-key-name", digest);
    sodium_bin2hex(name, sizeof(name), digest, KEYS_SEAL_BYTES / 2);
    db_set_text(params, "seal", arena_strdup(call->arena, name));
}

/* A nonce, and the secret under it; bound to its name. */
static void
seal(const char *kid, const unsigned char secret[static TOKEN_SECRET_BYTES],
     unsigned char sealed[static SEALED_BYTES])
{
    unsigned char key[SECRET_BYTES];

    seal_key(key);
    randombytes_buf(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, secret,
                                               TOKEN_SECRET_BYTES, (const unsigned char *)kid,
                                               strlen(kid), NULL, sealed, key);
    sodium_memzero(key, sizeof(key));
}

bool
keys_open(const char *kid, const char *sealed_hex, unsigned char secret[static TOKEN_SECRET_BYTES])
{
    unsigned char sealed[SEALED_BYTES];
    unsigned char key[SECRET_BYTES];
    bool opened;

    if (!bytes_read(sealed_hex, sealed, sizeof(sealed))) {
        return false;
    }
    seal_key(key);
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                 secret, NULL, NULL, sealed + NONCE_BYTES, sizeof(sealed) - NONCE_BYTES,
                 (const unsigned char *)kid, strlen(kid), sealed, key) == 0;
    sodium_memzero(key, sizeof(key));
    return opened;
}

void
keys_set_candidate(struct call *call, struct db_params *params)
{
    unsigned char public_key[TOKEN_PUBLIC_BYTES], secret[TOKEN_SECRET_BYTES];
    unsigned char random[KID_RANDOM_BYTES], sealed[SEALED_BYTES];
    char kid[TOKEN_KID_BYTES + 1];

    _Static_assert(TOKEN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "a public key");
    _Static_assert(TOKEN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "a secret key");
    randombytes_buf(random, sizeof(random));
    sodium_bin2base64(kid, sizeof(kid), random, sizeof(random),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    crypto_sign_keypair(public_key, secret);
    seal(kid, secret, sealed);
    sodium_memzero(secret, sizeof(secret));
    keys_set_seal(call, params);
    db_set_text(params, "kid", arena_strdup(call->arena, kid));
    db_set_text(params, "public_key", bytes_param(call->arena, public_key, sizeof(public_key)));
    db_set_text(params, "sealed_key", bytes_param(call->arena, sealed, sizeof(sealed)));
}

void
keys_set_next(struct call *call, struct db_params *params)
{
    keys_set_candidate(call, params);
    db_set_int(params, "lead_s", accounts_settings()->signing_key_lead_s);
    db_lock(params, ACCOUNTS_LOCK_KEYS, "");
}

enum status
keys_answer(struct call *call, const Google__Protobuf__Empty *request, const struct db_rows *rows,
            Google__Protobuf__Empty *reply)
{
    (void)call;
    (void)request;
    (void)rows;
    (void)reply;
    return STATUS_OK;
}
