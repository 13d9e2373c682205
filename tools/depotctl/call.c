/* Calls a method with JSON: the request's to the message, the reply or the problem back. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "ctl.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/json.h"

/* The addresses, which commas part, each with a scheme. */
static const char *
with_schemes(struct ctl *self, const char *addresses)
{
    const char *scheme = self->tls.ca_file == NULL ? "tcp://" : "tls+tcp://";
    char *list = arena_strdup(&self->arena, addresses), *save = NULL;
    const char *out = "";

    for (char *one = strtok_r(list, ",", &save); one != NULL; one = strtok_r(NULL, ",", &save)) {
        out = arena_printf(&self->arena, "%s%s%s%s", out, out[0] == '\0' ? "" : ",",
                           strstr(one, "://") == NULL ? scheme : "", one);
    }
    return out;
}

int
ctl_open(struct ctl *self, const struct pb_service *service, const char *addresses,
         const char *peer, struct rpc_stub **stub)
{
    /* The authority is part of the accounts service. */
    bool is_authority = service == &depot__auth__v1__authority__service;
    struct rpc_client_options options = {
        .service = service,
        .addresses = with_schemes(self, addresses),
        .tls = self->tls,
        .peer_name = peer == NULL && is_authority ? "accounts" : peer,
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
    int code = ctl_authorise(self, method);

    if (code == 0) {
        code = ctl_open(self, method->service, self->args[0], NULL, &stub);
    }
    if (code != 0) {
        return code;
    }
    if (rpc_stub_call(stub, method, request) == STATUS_OK) {
        print_reply(method, stub);
    } else {
        code = ctl_problem(call, method, rpc_stub_reply(stub));
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
        return ctl_problem(&call, method, NULL);
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
