#include "http/grpc_web.h"

#include <string.h>

#include "base/assert.h"
#include "http/rpc.h"
#include "pb/base64.h"

enum { FLAG_COMPRESSED = 0x01, FLAG_TRAILERS = 0x80 };

/* --- reading --- */

const char *
http_grpc_web_read(const char *body, size_t body_bytes, const char **message, size_t *message_bytes)
{
    const uint8_t *head = (const uint8_t *)body;
    size_t length;

    if (body_bytes == 0) {
        return "There is no message.";
    }
    if (body_bytes < HTTP_GRPC_WEB_HEAD_BYTES) {
        return "The frame's head is cut short.";
    }
    if (head[0] == FLAG_COMPRESSED) {
        return "The message is compressed.";
    }
    if (head[0] != 0) {
        return "The first frame is not one of data.";
    }
    length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | (size_t)head[4];
    if (length > body_bytes - HTTP_GRPC_WEB_HEAD_BYTES) {
        return "The message is cut short.";
    }
    if (length < body_bytes - HTTP_GRPC_WEB_HEAD_BYTES) {
        return "There is more than one message.";
    }
    *message = body + HTTP_GRPC_WEB_HEAD_BYTES;
    *message_bytes = length;
    return NULL;
}

bool
http_grpc_web_text_decode(const char *text, size_t bytes, char *out, size_t *out_bytes)
{
    size_t length = 0;

    if (bytes % 4 != 0) {
        return false;
    }
    while (bytes > 0) {
        const char *padding = memchr(text, '=', bytes);
        /* Up to the end of the quartet that the padding is in. */
        size_t piece = padding == NULL ? bytes : ((size_t)(padding - text) / 4 + 1) * 4;
        size_t n;

        if (!pb_base64_decode(text, piece, (uint8_t *)out + length, &n)) {
            return false;
        }
        length += n;
        text += piece;
        bytes -= piece;
    }
    *out_bytes = length;
    return true;
}

/* --- writing --- */

void
http_grpc_web_text_encode(struct buf *content)
{
    struct buf text = BUF_INIT;
    size_t bytes = pb_base64_encoded(content->length_bytes);

    pb_base64_encode((const uint8_t *)content->data, content->length_bytes,
                     buf_reserve(&text, bytes + 1));
    buf_grown(&text, bytes);
    buf_fini(content);
    *content = text;
}

static size_t
begin(struct buf *out, int flags)
{
    size_t frame = out->length_bytes;
    const char head[HTTP_GRPC_WEB_HEAD_BYTES] = {(char)flags};

    buf_append(out, head, sizeof(head));
    return frame;
}

size_t
http_grpc_web_begin(struct buf *out)
{
    return begin(out, 0);
}

void
http_grpc_web_end(struct buf *out, size_t frame)
{
    size_t length = out->length_bytes - frame - HTTP_GRPC_WEB_HEAD_BYTES;

    ASSERT(length <= UINT32_MAX);
    for (int i = 4; i > 0; i--, length >>= 8) {
        out->data[frame + (size_t)i] = (char)(length & 0xff);
    }
}

void
http_grpc_message_write(struct buf *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c < 0x7f && c != '%') {
            buf_putc(out, *text);
        } else {
            buf_putc(out, '%');
            buf_putc(out, hex[c >> 4]);
            buf_putc(out, hex[c & 15]);
        }
    }
}

/* --- google.rpc.Status, which nothing else needs as a type --- */

enum {
    STATUS_CODE_TAG = 1 << 3,
    STATUS_MESSAGE_TAG = 2 << 3 | 2,
    STATUS_DETAILS_TAG = 3 << 3 | 2,
    ANY_TYPE_URL_TAG = 1 << 3 | 2,
    ANY_VALUE_TAG = 2 << 3 | 2,
};

static void
put_varint(struct buf *out, size_t value)
{
    for (; value >= 0x80; value >>= 7) {
        buf_putc(out, (char)(value | 0x80));
    }
    buf_putc(out, (char)value);
}

static void
put_part(struct buf *out, int tag, const void *data, size_t bytes)
{
    buf_putc(out, (char)tag);
    put_varint(out, bytes);
    buf_append(out, data, bytes);
}

/* A google.protobuf.Any. */
static void
put_any(struct buf *out, const struct http_rpc_detail *detail)
{
    size_t bytes = protobuf_c_message_get_packed_size(detail->message);
    struct buf url = BUF_INIT;

    buf_puts(&url, "type.googleapis.com/");
    buf_puts(&url, detail->schema->full_name);
    put_part(out, ANY_TYPE_URL_TAG, url.data, url.length_bytes);
    buf_fini(&url);
    buf_putc(out, ANY_VALUE_TAG);
    put_varint(out, bytes);
    protobuf_c_message_pack(detail->message, (uint8_t *)buf_reserve(out, bytes + 1));
    buf_grown(out, bytes);
}

static void
put_status(struct buf *out, const struct call *call)
{
    struct http_rpc_detail details[HTTP_RPC_DETAILS_MAX];
    size_t n = http_rpc_details(call, details);
    struct buf any = BUF_INIT;

    buf_putc(out, STATUS_CODE_TAG);
    put_varint(out, (size_t)call->problem.reason->code);
    put_part(out, STATUS_MESSAGE_TAG, call->problem.detail, strlen(call->problem.detail));
    for (size_t i = 0; i < n; i++) {
        buf_clear(&any, SIZE_MAX);
        put_any(&any, &details[i]);
        put_part(out, STATUS_DETAILS_TAG, any.data, any.length_bytes);
    }
    buf_fini(&any);
}

static void
put_problem(struct buf *out, const struct call *call)
{
    struct buf status = BUF_INIT;

    buf_puts(out, "grpc-message: ");
    http_grpc_message_write(out, call->problem.detail);
    put_status(&status, call);
    buf_puts(out, "\r\ngrpc-status-details-bin: ");
    pb_base64_encode((const uint8_t *)status.data, status.length_bytes,
                     buf_reserve(out, pb_base64_encoded(status.length_bytes) + 1));
    buf_grown(out, (status.length_bytes * 4 + 2) / 3); /* without padding */
    buf_puts(out, "\r\n");
    buf_fini(&status);
}

void
http_grpc_web_trailers_write(struct buf *out, const struct call *call)
{
    const struct reason *reason = call->problem.reason;
    size_t frame = begin(out, FLAG_TRAILERS);

    buf_printf(out, "grpc-status: %d\r\n", reason == NULL ? STATUS_OK : (int)reason->code);
    if (reason != NULL) {
        put_problem(out, call);
    }
    http_grpc_web_end(out, frame);
}
