/* Calls a method with JSON: the request's to the message, the reply or the problem back. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "ctl.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "pb/wire.h"

int
ctl_open(struct ctl *self, const struct pb_service *service, const char *address,
         struct rpc_stub **stub)
{
    const char *scheme = self->tls.ca_file == NULL ? "tcp://" : "tls+tcp://";
    struct rpc_client_options options = {
        .service = service,
        .addresses = arena_printf(&self->arena, "%s%s",
                                  strstr(address, "://") == NULL ? scheme : "", address),
        .tls = self->tls,
    };
    struct error error;

    if (rpc_stub_open(&options, stub, &error) != STATUS_OK) {
        return ctl_fail(EXIT_USAGE, "%s", error.text);
    }
    rpc_stub_context(*stub, &self->context);
    return 0;
}

/* All of standard input, up to what a frame may hold. */
static int
read_input(struct buf *input)
{
    ssize_t got;

    if (isatty(STDIN_FILENO)) {
        return ctl_fail(EXIT_USAGE, "give the request as JSON ('{}' for an empty one), or pipe it "
                                    "into standard input");
    }
    do {
        got = read(STDIN_FILENO, buf_reserve(input, 4096), 4096);
        if (got > 0) {
            buf_grown(input, (size_t)got);
        }
    } while ((got > 0 && input->length_bytes <= LIMIT_FRAME_BYTES) || (got < 0 && errno == EINTR));
    if (got < 0) {
        return ctl_fail(EXIT_FAILED, "cannot read standard input: %s", strerror(errno));
    }
    if (input->length_bytes > LIMIT_FRAME_BYTES) {
        return ctl_fail(EXIT_FAILED, "the request is larger than %d bytes", LIMIT_FRAME_BYTES);
    }
    return 0;
}

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

static int
print_problem(const struct call *call, const struct pb_method *method)
{
    struct buf out = BUF_INIT;

    http_problem_write(&out, call, NULL, method->path, strlen(method->path));
    json_print(out.data, out.length_bytes, stderr);
    buf_fini(&out);
    return call->problem.reason == &reason_service_down ? EXIT_UNAVAILABLE : EXIT_FAILED;
}

static void
print_reply(const struct pb_method *method, const struct rpc_stub *stub)
{
    struct buf out = BUF_INIT;

    pb_json_write(&out, method->reply, rpc_stub_message(stub));
    json_print(out.data, out.length_bytes, stdout);
    buf_fini(&out);
    if (rpc_stub_reply(stub)->replayed) {
        fputs("depotctl: the idempotency key had been used: this is the first answer again\n",
              stderr);
    }
}

static int
send_request(struct ctl *self, struct call *call, const struct pb_method *method,
             const ProtobufCMessage *request)
{
    struct rpc_stub *stub;
    int code = ctl_open(self, method->service, self->args[0], &stub);

    if (code != 0) {
        return code;
    }
    if (rpc_stub_call(stub, method, request) == STATUS_OK) {
        print_reply(method, stub);
    } else {
        take_problem(call, rpc_stub_reply(stub));
        code = print_problem(call, method);
    }
    rpc_stub_close(stub);
    return code;
}

static int
call_with(struct ctl *self, const struct pb_method *method, const char *json, size_t bytes)
{
    ProtobufCMessage *request;
    struct call call;

    call_init(&call, &self->arena);
    call.request_id = self->context.request_id;
    /* The service applies the contract's rules; here only what cannot be sent at all is refused. */
    if (pb_json_read(&call, method->request, "", json, bytes, &request) != STATUS_OK ||
        call_invalid(&call, &reason_validation_failed) != STATUS_OK) {
        return print_problem(&call, method);
    }
    return send_request(self, &call, method, request);
}

int
ctl_call(struct ctl *self)
{
    const struct pb_method *method = contract_method(&self->arena, self->args[1]);
    struct buf input = BUF_INIT;
    int code;

    if (method == NULL) {
        return EXIT_USAGE;
    }
    if (self->args[2] != NULL) {
        return call_with(self, method, self->args[2], strlen(self->args[2]));
    }
    code = read_input(&input);
    if (code == 0) {
        code = call_with(self, method, input.data, input.length_bytes);
    }
    buf_fini(&input);
    return code;
}
