/*
 * Lists in pages: both halves of a handler whose answer is one. All that a method of its own says
 * is a struct page_list; what goes on between two pages is here.
 *
 * The request has the fields `page_size` and `page_token` (page_token.h) and may have `order_by`
 * (list.h); the reply has `next_page_token`, and its first repeated field is the list. The query
 * takes the parameters `limit`, which is one more than the page has, and the position.
 */
#ifndef DEPOT_SERVICE_PAGE_H
#define DEPOT_SERVICE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/call.h"
#include "db/query.h"
#include "pb/schema.h"

enum {
    PAGE_SIZE_DEFAULT = 50,
    PAGE_SIZE_MAX = 500,
    PAGE_BYTES_MAX = 512 * 1024, /* packed; a page that would be larger ends early */
};

/* The order of a list when the caller gives none: a page goes on behind the position of a row. */
struct page_order {
    const char *param; /* the query's parameter for the position */
    const char *first; /* its value when there is no page before */
    /* Whether PostgreSQL takes the text for a position: what a token has may be anything. */
    bool (*is_position)(const char *text);
    /* That of a message which is listed, NULL if the arena is at its cap. NULL: it is its `id`. */
    const char *(*position)(struct call *call, const ProtobufCMessage *message);
};

/* By `id`, which is a UUID: goes on behind :'after'. */
extern const struct page_order page_by_id;

struct page_list {
    const struct pb_message *request, *reply;
    size_t statement; /* the one of the query's that lists */
    const struct page_order *order;
};

/*
 * The first half: sets `limit` and the position. BAD_PAGE_TOKEN at "/pageToken" for a token that
 * was not made for this query.
 */
enum status page_ask(struct call *call, const struct page_list *list,
                     const ProtobufCMessage *request, struct db_params *params) MUST_CHECK;

/*
 * The second half: fills the list and, if there is more, the next page's token. A page has as many
 * rows as the request wants, at most PAGE_SIZE_MAX, and fewer if they would be larger than
 * PAGE_BYTES_MAX, but at least one. REPLY_TOO_LARGE when the arena is at its cap.
 */
enum status page_answer(struct call *call, const struct page_list *list,
                        const ProtobufCMessage *request, const struct db_rows *rows,
                        ProtobufCMessage *reply) MUST_CHECK;

#endif
