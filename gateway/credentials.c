#include "credentials.h"

#include <string.h>
#include <strings.h>

#include "auth/token.h"
#include "pb/base64.h"

static const struct credentials bad = {.kind = CREDENTIALS_BAD};

/* The parameter behind the scheme `name`; NULL if the field has another one. */
static const char *
behind_scheme(const char *value, size_t bytes, const char *name, size_t *left)
{
    size_t at = strlen(name);

    if (bytes <= at || strncasecmp(value, name, at) != 0 || value[at] != ' ') {
        return NULL;
    }
    while (at < bytes && value[at] == ' ') {
        at++;
    }
    *left = bytes - at;
    return value + at;
}

static bool
has_blank(const char *text, size_t bytes)
{
    return memchr(text, ' ', bytes) != NULL || memchr(text, '\t', bytes) != NULL;
}

static bool
looks_like_key(const char *text, size_t bytes)
{
    return bytes >= 4 && memcmp(text, "dpk_", 4) == 0;
}

static struct credentials
key(const char *text, size_t bytes)
{
    if (bytes == 4 || bytes > CREDENTIALS_API_KEY_MAX_BYTES) {
        return bad;
    }
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] <= 0x20 || text[i] >= 0x7f) {
            return bad;
        }
    }
    return (struct credentials){CREDENTIALS_API_KEY, text, bytes};
}

static struct credentials
of_bearer(const char *text, size_t bytes)
{
    if (bytes == 0 || bytes > TOKEN_TEXT_MAX_BYTES || has_blank(text, bytes)) {
        return bad;
    }
    if (looks_like_key(text, bytes)) {
        return key(text, bytes);
    }
    return (struct credentials){CREDENTIALS_TOKEN, text, bytes};
}

static struct credentials
of_basic(const char *text, size_t bytes, struct arena *arena)
{
    size_t pair_bytes;
    char *pair;
    const char *colon;

    if (bytes == 0 || bytes > TOKEN_TEXT_MAX_BYTES) {
        return bad;
    }
    pair = arena_alloc(arena, pb_base64_decoded_max(bytes));
    if (pair == NULL || !pb_base64_decode(text, bytes, (uint8_t *)pair, &pair_bytes)) {
        return bad;
    }
    colon = memchr(pair, ':', pair_bytes);
    if (colon == NULL || !looks_like_key(pair, (size_t)(colon - pair))) {
        return bad;
    }
    return key(pair, (size_t)(colon - pair));
}

struct credentials
credentials_read(const struct http_message *message, struct arena *arena)
{
    size_t bytes, left, n;
    const char *value = http_message_field(message, "authorization", &bytes, &n);
    const char *text;

    if (n == 0) {
        return (struct credentials){.kind = CREDENTIALS_NONE};
    }
    if (n > 1) {
        return bad;
    }
    if ((text = behind_scheme(value, bytes, "Bearer", &left)) != NULL) {
        return of_bearer(text, left);
    }
    if ((text = behind_scheme(value, bytes, "Basic", &left)) != NULL) {
        return of_basic(text, left, arena);
    }
    return bad;
}
