#include "service/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "pb/json.h"

const struct pb_method *
command_find(const struct service *service, const char *name)
{
    for (size_t i = 0; i < service->n_handlers; i++) {
        const struct pb_method *method = service->handlers[i].method;

        if (method->access == PB_ROLE_OPERATOR && strcmp(method->name, name) == 0) {
            return method;
        }
    }
    return NULL;
}

void
command_list(const struct service *service, FILE *out)
{
    for (size_t i = 0; i < service->n_handlers; i++) {
        if (service->handlers[i].method->access == PB_ROLE_OPERATOR) {
            fprintf(out, "  %s\n", service->handlers[i].method->name);
        }
    }
}

/* Secrets are better not on a command line. */
static void
read_all(FILE *in, struct buf *text)
{
    char piece[4096];
    size_t n;

    while ((n = fread(piece, 1, sizeof(piece), in)) > 0 &&
           text->length_bytes <= LIMIT_HTTP_BODY_BYTES) {
        buf_append(text, piece, n);
    }
}

static void
print_problem(const struct call *call, FILE *err)
{
    const struct problem *problem = &call->problem;

    fprintf(err, "%s: %s\n", problem->reason->name, problem->detail);
    for (const struct violation *v = problem->violations; v != NULL; v = v->next) {
        fprintf(err, "  %s: %s: %s\n", v->field[0] == '\0' ? "/" : v->field, v->reason->name,
                v->detail);
    }
}

/* False: the call has its problem. */
static bool
run(struct insider *self, const struct pb_method *method, const char *json, size_t bytes,
    struct rpc_served *served, struct arena *arena, FILE *out)
{
    struct buf text = BUF_INIT;
    ProtobufCMessage *request;
    const ProtobufCMessage *reply;

    insider_prepare(served, method, NULL, arena);
    served->status = pb_json_read(&served->call, method->request, "", json, bytes, &request);
    if (served->status != STATUS_OK) {
        return false;
    }
    served->request = request;
    reply = insider_call(self, served);
    if (reply == NULL) {
        return false;
    }
    pb_json_write_whole(&text, method->reply, reply);
    fprintf(out, "%.*s\n", (int)text.length_bytes, text.data);
    buf_fini(&text);
    return true;
}

int
command_run(struct insider *self, const struct pb_method *method, const char *json, FILE *in,
            FILE *out, FILE *err)
{
    struct buf text = BUF_INIT;
    struct rpc_served served;
    struct arena arena;
    bool done;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    if (json != NULL && strcmp(json, "-") == 0) {
        read_all(in, &text);
    } else {
        buf_puts(&text, json == NULL ? "{}" : json);
    }
    done = run(self, method, text.data, text.length_bytes, &served, &arena, out);
    if (!done) {
        print_problem(&served.call, err);
    }
    buf_fini(&text);
    arena_fini(&arena);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
