#include "pb/known_write.h"

#include "pb/known.h"
#include "pb/time.h"
#include "pb/value.h"

void
pb_known_write_time(struct buf *out, const ProtobufCMessage *message)
{
    char *at = buf_reserve(out, PB_TIME_TEXT_BYTES + 2);
    size_t n = pb_time_format((const Google__Protobuf__Timestamp *)message, at + 1);

    at[0] = '"';
    at[n + 1] = '"';
    buf_grown(out, n + 2);
}

void
pb_known_write_duration(struct buf *out, const struct pb_message *schema,
                        const ProtobufCMessage *message)
{
    const int64_t *seconds = pb_member_const(&schema->fields[0], message);
    const int32_t *nanos = pb_member_const(&schema->fields[1], message);
    char *at = buf_reserve(out, PB_DURATION_TEXT_BYTES + 2);
    size_t n = pb_duration_write(*seconds, *nanos, at + 1);

    at[0] = '"';
    at[n + 1] = '"';
    buf_grown(out, n + 2);
}

void
pb_known_write_mask(struct buf *out, const struct pb_message *schema,
                    const ProtobufCMessage *message)
{
    const struct pb_field *field = &schema->fields[0];
    char *const *paths = *(char *const *const *)pb_member_const(field, message);
    size_t n = *pb_count(field, (ProtobufCMessage *)(uintptr_t)message);
    struct buf text = BUF_INIT;

    for (size_t i = 0; i < n; i++) {
        if (i != 0) {
            buf_putc(&text, ',');
        }
        for (const char *c = paths[i]; *c != '\0'; c++) {
            if (*c == '_' && c[1] >= 'a' && c[1] <= 'z') {
                buf_putc(&text, (char)(*++c - 'a' + 'A'));
            } else {
                buf_putc(&text, *c);
            }
        }
    }
    buf_put_json_string(out, text.data, text.length_bytes);
    buf_fini(&text);
}
