/* Where a thing stands that a route made: the method's URL pattern filled from the reply. */
#include <string.h>

#include "http/percent.h"
#include "http/transcode.h"

void
http_location_write(struct buf *out, const struct http_route *route, const ProtobufCMessage *reply)
{
    for (size_t i = 0; i < route->n_location; i++) {
        const struct http_piece *piece = &route->location[i];

        if (piece->text != NULL) {
            buf_puts(out, piece->text);
        } else {
            const struct pb_field *field = &route->method->reply->fields[piece->field];
            const char *text = *(char *const *)pb_member_const(field, reply);

            http_percent_encode(out, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
        }
    }
}
