/*
 * What a handler is. The build tool writes a typed struct for every method of a service
 * (`<file>.handlers.h`), for example
 *
 *     struct inventory_get_resource_handler {
 *         enum status (*ask)(struct call *call,
 *                            const Depot__Inventory__V1__GetResourceRequest *request,
 *                            struct db_params *params);
 *         enum status (*answer)(struct call *call,
 *                               const Depot__Inventory__V1__GetResourceRequest *request,
 *                               const struct db_rows *rows, Depot__Inventory__V1__Resource *reply);
 *         enum status (*then_ask)(...as ask...);
 *         enum status (*then_answer)(...as answer...);
 *     };
 *     extern const struct inventory_get_resource_handler inventory_get_resource;
 *
 * and handlers/get_resource.c defines that constant. `ask` may be NULL when every parameter of
 * the query is a field of the request. A handler decides only; the statements of a whole batch
 * travel between its two halves.
 *
 * `ask` returns STATUS_OK, or a failure (call_fail) without touching the database. `answer` returns
 * STATUS_OK with `reply` filled, or a failure, in which case its statements must have changed
 * nothing: whatever a client can cause is a row, not an error. `service_again` asks for one more
 * try in a transaction of its own (the winner of a conflict vanished before it could be named).
 *
 * A method whose decision needs more than SQL between two of its statements (a password's hash)
 * has two queries: queries/<method>.sql and queries/<method>_then.sql. When its first `answer`
 * returns `service_then`, `then_ask` and `then_answer` follow with the second query, in a
 * transaction of its own; `call->carried` goes from one to the other. Between the two no
 * transaction is open, and the second may never come (the time was over, the process ended): what
 * the first one changes must be right without it. What the second one records may be the failure
 * itself (a wrong password), so `then_answer` may fail after its statements have changed something;
 * `service_again` means the second query only. Such a method is of the class LONG or WRITE and
 * takes no idempotency key.
 */
#ifndef DEPOT_SERVICE_HANDLER_H
#define DEPOT_SERVICE_HANDLER_H

#include "base/call.h"
#include "db/query.h"
#include "pb/schema.h"

/* The untyped row of the generated dispatch table: thin functions that call the typed ones. */
struct service_handler {
    const struct pb_method *method;
    const struct db_query *query;
    enum status (*ask)(struct call *call, const ProtobufCMessage *request,
                       struct db_params *params);
    enum status (*answer)(struct call *call, const ProtobufCMessage *request,
                          const struct db_rows *rows, ProtobufCMessage *reply);
    enum status (*then_ask)(struct call *call, const ProtobufCMessage *request,
                            struct db_params *params);
    enum status (*then_answer)(struct call *call, const ProtobufCMessage *request,
                               const struct db_rows *rows, ProtobufCMessage *reply);
};

/* All that the platform needs to know of a service; the build tool writes it: `inventory_service`.
 */
struct service {
    const char *name;                         /* inventory: also of its migrations' folder */
    const struct pb_service *const *services; /* ends with NULL */
    const struct service_handler *handlers;
    size_t n_handlers;
};

/* Ends the call with REPLY_TOO_LARGE: its arena is at its cap. */
enum status service_no_memory(struct call *call);

/* Returned by `answer`: nothing was changed, try once more. */
enum status service_again(struct call *call);

/* Returned by `answer`: go on with the method's second query. */
enum status service_then(struct call *call);

#endif
