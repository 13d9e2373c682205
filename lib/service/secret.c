#include "service/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/assert.h"

static unsigned char master[SECRET_BYTES];
static unsigned char fingerprint_key[SECRET_BYTES];
static bool given;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_up(void)
{
    if (!given) {
        randombytes_buf(master, sizeof(master));
    }
}

void
service_secret(const char *purpose, unsigned char key[static SECRET_BYTES])
{
    int failed;

    pthread_once(&once, make_up);
    failed = crypto_generichash(key, SECRET_BYTES, (const unsigned char *)purpose, strlen(purpose),
                                master, sizeof(master));
    ASSERT(failed == 0);
}

const unsigned char *
service_fingerprint_key(void)
{
    return fingerprint_key;
}

enum status
service_secret_open(const char *text, struct error *error)
{
    size_t bytes;

    ASSERT(sodium_init() >= 0);
    if (text == NULL) {
        return STATUS_OK;
    }
    if (strlen(text) != 2 * sizeof(master) ||
        sodium_hex2bin(master, sizeof(master), text, strlen(text), NULL, &bytes, NULL) != 0 ||
        bytes != sizeof(master)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "SECRET_KEY must be 64 hexadecimal digits, as `openssl rand -hex 32` "
                         "prints them");
    }
    given = true;
    service_secret("fingerprint", fingerprint_key);
    return STATUS_OK;
}
