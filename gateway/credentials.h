/*
 * The field Authorization (RFC 9110, 11.6.2): by what a client wants to be known. Bytes in, answer
 * out; nothing is believed here.
 *
 * An access token comes as `Bearer` (RFC 6750). So does an API key, which programs that know
 * nothing else may also send as the user name of `Basic` (RFC 7617), with any password or none.
 */
#ifndef DEPOT_GATEWAY_CREDENTIALS_H
#define DEPOT_GATEWAY_CREDENTIALS_H

#include <stddef.h>

#include "base/arena.h"
#include "http/message.h"

enum credentials_kind {
    CREDENTIALS_NONE,    /* there is no such field */
    CREDENTIALS_TOKEN,   /* an access token, by its form */
    CREDENTIALS_API_KEY, /* `dpk_` and more */
    CREDENTIALS_BAD,     /* another scheme, no form, too long, or two such fields */
};

enum { CREDENTIALS_API_KEY_MAX_BYTES = 128 }; /* as ExchangeApiKeyRequest has it */

struct credentials {
    enum credentials_kind kind;
    const char *text; /* of a token or a key, not NUL-terminated; lives as message and arena */
    size_t bytes;
};

/*
 * Schemes may have any case, one or more spaces stand between scheme and token, nothing behind it.
 * A token has up to TOKEN_TEXT_MAX_BYTES (auth/token.h), of which no blank; a key is printable
 * ASCII. The arena is used for Basic only.
 */
struct credentials credentials_read(const struct http_message *message, struct arena *arena);

#endif
