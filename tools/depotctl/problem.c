/* Failures of calls: as problem documents on standard error, and as exit codes. */
#include <string.h>

#include "ctl.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "pb/wire.h"

/* The reason with the name; one that is newer than this program is shown all the same. */
static const struct reason *
reason_of(struct arena *arena, const struct rpc_reply *reply)
{
    const struct reason *known = http_reason_find(&http_contract, reply->reason);
    struct reason *unknown;

    if (known != NULL) {
        return known;
    }
    unknown = arena_zalloc(arena, sizeof(*unknown));
    unknown->name = arena_strdup(arena, reply->reason);
    unknown->title = unknown->name;
    unknown->code = reply->status;
    unknown->http_status = reason_internal_error.http_status;
    return unknown;
}

/* What the service said as the call's problem. */
static void
take_problem(struct call *call, const struct rpc_reply *reply)
{
    const struct pb_message *schema = http_message_find(&http_contract, reply->detail_type);
    ProtobufCMessage *detail;

    for (size_t i = 0; i < reply->n_violations; i++) {
        const struct rpc_violation *violation = &reply->violations[i];
        struct rpc_reply named = {.status = reply->status, .reason = violation->reason};

        call_violation(call, reason_of(call->arena, &named), violation->field, "%s",
                       violation->detail);
    }
    if (schema != NULL &&
        pb_unpack(call->arena, schema, reply->detail, reply->detail_bytes, &detail) == STATUS_OK) {
        call_extra(call, schema, detail);
    }
    call_fail(call, reason_of(call->arena, reply), "%s", reply->message);
}

static void
print_problem(const struct call *call, const struct pb_method *method)
{
    struct buf out = BUF_INIT;

    http_problem_write(&out, call, NULL, method->path, strlen(method->path));
    json_print(out.data, out.length_bytes, stderr);
    buf_fini(&out);
}

/* What a shell can do about it: the problem itself speaks of HTTP. */
static void
print_advice(const struct reason *reason)
{
    if (reason == &reason_token_missing) {
        fputs("depotctl: nobody is known by the call: set DEPOT_TOKEN, or DEPOT_API_KEY and "
              "ACCOUNTS_ADDRESSES\n",
              stderr);
    }
}

static int
exit_code_of(const struct reason *reason)
{
    if (reason == &reason_service_down) {
        return EXIT_UNAVAILABLE;
    }
    return reason->http_status == 401 || reason->http_status == 403 ? EXIT_REFUSED : EXIT_FAILED;
}

int
ctl_problem(struct call *call, const struct pb_method *method, const struct rpc_reply *reply)
{
    if (reply != NULL) {
        take_problem(call, reply);
    }
    print_problem(call, method);
    print_advice(call->problem.reason);
    return exit_code_of(call->problem.reason);
}
