#include "support/exchanges.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"

/* Bodies need not be text: as hexadecimal digits none is lost. */
static void
put_hexadecimal(json_t *line, const char *name, const char *data, size_t bytes)
{
    struct buf digits = BUF_INIT;

    for (size_t i = 0; i < bytes; i++) {
        buf_printf(&digits, "%02x", (unsigned char)data[i]);
    }
    json_object_set_new(line, name, json_stringn(bytes == 0 ? "" : digits.data, bytes * 2));
    buf_fini(&digits);
}

/* One write of a line in append mode is never mixed with another's. */
static void
append(const char *path, const char *line)
{
    size_t bytes = strlen(line);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    ASSERT(fd >= 0);
    ASSERT(write(fd, line, bytes) == (ssize_t)bytes);
    close(fd);
}

void
exchange_keep(const char *verb, const char *url, int status, const char *headers, const char *body,
              size_t body_bytes)
{
    const char *path = getenv("TEST_EXCHANGES");
    struct buf text = BUF_INIT;
    json_t *line;
    char *dumped;

    if (path == NULL || status == 0) {
        return;
    }
    line = json_object();
    put_hexadecimal(line, "verb", verb, strlen(verb));
    put_hexadecimal(line, "url", url, strlen(url));
    json_object_set_new(line, "status", json_integer(status));
    put_hexadecimal(line, "headers", headers, strlen(headers));
    put_hexadecimal(line, "body", body, body_bytes);
    dumped = json_dumps(line, JSON_COMPACT);
    ASSERT(dumped != NULL);
    buf_puts(&text, dumped);
    buf_append(&text, "\n", 2);
    append(path, text.data);
    free(dumped);
    buf_fini(&text);
    json_decref(line);
}
