#include "http/message.h"

#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "http/message_head.h"

/* What an idle message keeps. */
enum { KEPT_TEXT_BYTES = 2048, KEPT_BODY_BYTES = 2048 };

static struct http_message *
of(llhttp_t *parser)
{
    return parser->data;
}

/* The bit of a name's length. Most fields that are looked for are not there: one look says so. */
static uint64_t
length_bit(size_t name_bytes)
{
    return (uint64_t)1 << (name_bytes < 63 ? name_bytes : 63);
}

static int
on_url(llhttp_t *parser, const char *at, size_t bytes)
{
    struct http_message *self = of(parser);

    buf_append(&self->text, at, bytes);
    self->target_bytes += bytes;
    return 0;
}

static int
on_field_text(llhttp_t *parser, const char *at, size_t bytes)
{
    struct http_message *self = of(parser);

    if (!self->head_done) {
        buf_append(&self->text, at, bytes);
    }
    return 0;
}

static void
lower(char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z') {
            text[i] = (char)(text[i] | 0x20);
        }
    }
}

/* The name is what was appended since the last value's end. */
static int
on_field_name_complete(llhttp_t *parser)
{
    struct http_message *self = of(parser);
    size_t start = self->target_bytes;
    struct http_field *field;

    if (self->head_done) {
        return 0;
    }
    ASSERT(self->n_fields < LIMIT_HTTP_FIELDS);
    field = &self->fields[self->n_fields];
    if (self->n_fields > 0) {
        start = (size_t)field[-1].value_at + field[-1].value_bytes;
    }
    *field = (struct http_field){
        .name_at = (uint16_t)start,
        .name_bytes = (uint16_t)(self->text.length_bytes - start),
        .value_at = (uint16_t)self->text.length_bytes,
    };
    lower(self->text.data + start, field->name_bytes);
    return 0;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int
on_field_value_complete(llhttp_t *parser)
{
    struct http_message *self = of(parser);
    struct http_field *field;

    if (self->head_done) {
        return 0;
    }
    field = &self->fields[self->n_fields];
    while (self->text.length_bytes > field->value_at &&
           is_blank(self->text.data[self->text.length_bytes - 1])) {
        self->text.length_bytes--;
    }
    field->value_bytes = (uint16_t)(self->text.length_bytes - field->value_at);
    self->n_fields++;
    self->name_lengths |= length_bit(field->name_bytes);
    return 0;
}

static int
on_head_complete(llhttp_t *parser)
{
    struct http_message *self = of(parser);
    bool old = parser->http_minor == 0;

    self->head_done = true;
    self->verb = llhttp_method_name((llhttp_method_t)parser->method);
    if (parser->http_major != 1 || parser->http_minor > 1) {
        return http_message_malformed(self, "Only HTTP/1.1 and HTTP/1.0 are understood.");
    }
    if (!http_message_check_head(self)) {
        return -1;
    }
    parser->upgrade = 0; /* what follows stays HTTP, whatever the client would like */
    self->keep_alive = !old && llhttp_should_keep_alive(parser) != 0;
    if ((parser->flags & F_CHUNKED) != 0) {
        http_scan_section(&self->scan, HTTP_CHUNK_LINE);
    } else {
        self->data_left = parser->content_length;
    }
    return 0;
}

static int
on_body(llhttp_t *parser, const char *at, size_t bytes)
{
    struct http_message *self = of(parser);

    if (bytes > self->body_limit - self->body.length_bytes) {
        return http_message_too_large(self);
    }
    buf_append(&self->body, at, bytes);
    return 0;
}

static int
on_chunk_header(llhttp_t *parser)
{
    struct http_message *self = of(parser);

    if (parser->content_length > self->body_limit - self->body.length_bytes) {
        return http_message_too_large(self);
    }
    if (parser->content_length == 0) {
        http_scan_section(&self->scan, HTTP_TRAILER_LINE);
    } else {
        self->data_left = parser->content_length + 2; /* and its CR LF, which llhttp checks */
    }
    return 0;
}

static int
on_complete(llhttp_t *parser)
{
    of(parser)->done = true;
    return 0;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_field_text,
    .on_header_field_complete = on_field_name_complete,
    .on_header_value = on_field_text,
    .on_header_value_complete = on_field_value_complete,
    .on_headers_complete = on_head_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_message_complete = on_complete,
};

static void
restart(struct http_message *self, struct buf text, struct buf body)
{
    size_t fields_at = offsetof(struct http_message, fields);
    size_t after_at = offsetof(struct http_message, n_fields);

    /* The table of fields is large and needs no clearing. */
    memset(self, 0, fields_at);
    memset((char *)self + after_at, 0, sizeof(*self) - after_at);
    self->text = text;
    self->body = body;
    self->body_limit = LIMIT_HTTP_BODY_BYTES;
    llhttp_init(&self->parser, HTTP_REQUEST, &settings);
    self->parser.data = self;
}

void
http_message_init(struct http_message *self)
{
    restart(self, BUF_INIT, BUF_INIT);
}

void
http_message_fini(struct http_message *self)
{
    buf_fini(&self->text);
    buf_fini(&self->body);
}

void
http_message_reset(struct http_message *self)
{
    buf_clear(&self->text, KEPT_TEXT_BYTES);
    buf_clear(&self->body, KEPT_BODY_BYTES);
    restart(self, self->text, self->body);
}

bool
http_message_limit_body(struct http_message *self, uint64_t bytes)
{
    ASSERT(self->body.length_bytes == 0 && (!self->head_done || bytes <= self->body_limit));
    self->body_limit = bytes;
    if (self->head_done && (self->parser.flags & F_CHUNKED) == 0 && self->data_left > bytes) {
        http_message_too_large(self);
        return false;
    }
    return true;
}

bool
http_message_begun(const struct http_message *self)
{
    return self->scan.begun;
}

static void
feed_slice(struct http_message *self, const char *data, size_t bytes)
{
    if (bytes > 0 && llhttp_execute(&self->parser, data, bytes) != HPE_OK) {
        http_message_malformed(self, "The request is not valid HTTP/1.1.");
    }
}

/* The next bytes of a line, or of what lies between lines; returns how many. */
static size_t
feed_some(struct http_message *self, const char *data, size_t bytes)
{
    struct http_refusal behind = {0};
    size_t n;

    if (self->data_left > 0) {
        n = bytes < self->data_left ? bytes : (size_t)self->data_left;
        self->data_left -= n;
        feed_slice(self, data, n);
        return n;
    }
    n = http_scan_line(&self->scan, data, bytes, &behind);
    feed_slice(self, data, n); /* what llhttp has to say about these bytes comes first */
    if (behind.reason != NULL) {
        http_message_refuse(self, behind.reason, behind.detail);
    }
    return n;
}

enum http_parse
http_message_feed(struct http_message *self, const char *data, size_t bytes, size_t *used)
{
    size_t at = 0;

    ASSERT(!self->done && self->refusal == NULL);
    while (at < bytes && !self->done && self->refusal == NULL) {
        size_t n = feed_some(self, data + at, bytes - at);

        at += n;
        if (self->refusal == NULL && self->head_done && !self->head_said && !self->done) {
            self->head_said = true;
            *used = at;
            return HTTP_PARSE_HEAD;
        }
    }
    *used = at;
    if (self->refusal != NULL) {
        return HTTP_PARSE_REFUSED;
    }
    return self->done ? HTTP_PARSE_DONE : HTTP_PARSE_MORE;
}

static bool
has_name(const struct http_message *self, const struct http_field *field, const char *name,
         size_t name_bytes)
{
    return field->name_bytes == name_bytes &&
           memcmp(self->text.data + field->name_at, name, name_bytes) == 0;
}

const char *
http_message_field_at(const struct http_message *self, const char *name, size_t index,
                      size_t *value_bytes)
{
    size_t name_bytes = strlen(name);
    size_t n_fields = (self->name_lengths & length_bit(name_bytes)) != 0 ? self->n_fields : 0;

    for (size_t i = 0; i < n_fields; i++) {
        const struct http_field *field = &self->fields[i];

        if (has_name(self, field, name, name_bytes) && index-- == 0) {
            *value_bytes = field->value_bytes;
            return self->text.data + field->value_at;
        }
    }
    *value_bytes = 0;
    return NULL;
}

const char *
http_message_field(const struct http_message *self, const char *name, size_t *value_bytes,
                   size_t *n)
{
    size_t ignored;
    const char *value = http_message_field_at(self, name, 0, value_bytes);

    if (n != NULL) {
        *n = value == NULL ? 0 : 1;
        while (*n > 0 && http_message_field_at(self, name, *n, &ignored) != NULL) {
            (*n)++;
        }
    }
    return value;
}
