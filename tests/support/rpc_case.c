#include "support/rpc_case.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/policy.h"
#include "base/limits.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "support/bench.h"
#include "support/match.h"

struct table {
    struct bench bench;
    struct http_router *router;
    char *truncate;       /* SQL */
    const char *if_match; /* NULL: none */
    const struct caller *caller;
};

/* What migrations put into tables stays there. The audit log has triggers against this. */
static char *
truncate_sql(const struct test_database *database)
{
    return test_database_value(
        database,
        "SELECT 'SET session_replication_role = replica; TRUNCATE ' || "
        "string_agg(quote_ident(tablename), ', ') || '; RESET session_replication_role' "
        "FROM pg_tables "
        "WHERE schemaname = current_schema() AND (xpath('/table/row/n/text()', query_to_xml("
        "'SELECT count(*) AS n FROM ' || quote_ident(tablename), false, false, '')))[1]::text = "
        "'0'");
}

static void
table_open(struct table *self, const struct service *service)
{
    bench_open(&self->bench, service, 1);
    self->truncate = truncate_sql(&self->bench.database);
    self->router = http_router_new(http_contract.routes, http_contract.n_routes);
}

static void
table_close(struct table *self)
{
    http_router_free(self->router);
    bench_close(&self->bench);
    free(self->truncate);
}

static void
set_if_match(const struct table *self, const struct pb_message *schema, ProtobufCMessage *message)
{
    if (self->if_match != NULL) {
        cr_assert_geq(schema->if_match, 0, "%s takes no If-Match", schema->full_name);
        *(const char **)pb_member(&schema->fields[schema->if_match], message) = self->if_match;
    }
}

/* What has a version has one in every answer, but for what was never there. */
static void
expect_etag(const struct rpc_case *row, const struct call *call, const struct pb_message *schema,
            const ProtobufCMessage *reply)
{
    if (schema->etag >= 0) {
        const char *etag = *(char *const *)pb_member_const(&schema->fields[schema->etag], reply);

        cr_expect_eq(etag[0] == '\0', call->validate_only, "%s: the etag is \"%s\"", row->name,
                     etag);
    }
}

/* The status; the body goes to `out`. */
static int
respond(struct table *self, struct call *call, const struct rpc_case *row, struct buf *out)
{
    const char *query = strchrnul(row->target, '?');
    const char *body = row->body == NULL ? "" : row->body;
    ProtobufCMessage *message;
    ProtobufCMessage *reply;
    struct http_match match;
    enum status status;

    http_router_find(self->router, row->verb, strlen(row->verb), row->target,
                     (size_t)(query - row->target), &match);
    cr_assert_not_null(match.route, "%s: %s %s has no route", row->name, row->verb, row->target);
    query += *query == '?';
    status = bench_authorise(call, self->caller, match.route->method);
    if (status == STATUS_OK) {
        status =
            http_request_read(call, &match, query, strlen(query), body, strlen(body), &message);
    }
    if (status == STATUS_OK) {
        set_if_match(self, match.route->method->request, message);
        status = bench_execute(&self->bench, 0, call, match.route->method, message, &reply);
    }
    if (status != STATUS_OK) {
        http_problem_write(out, call, match.route, row->target, strlen(row->target));
        buf_putc(out, '\0');
        return call->problem.reason->http_status;
    }
    expect_etag(row, call, match.route->method->reply, reply);
    if (match.route->method->reply->known != PB_EMPTY) {
        pb_json_write(out, match.route->method->reply, reply);
    }
    buf_putc(out, '\0');
    return match.route->success_status;
}

/* Takes away what says the same for every problem of a kind, after a look that it is there. */
static char *
shorten_problem(const struct rpc_case *row, const char *text)
{
    static const char *const members[] = {"type", "title", "detail", "instance", "requestId"};
    json_t *problem = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    char *shortened;
    size_t index;
    json_t *violation;

    cr_assert_not_null(problem, "%s: %s", row->name, text);
    cr_expect_eq(json_integer_value(json_object_get(problem, "status")), row->status);
    json_object_del(problem, "status");
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        cr_expect(json_is_string(json_object_get(problem, members[i])), "%s: no %s in %s",
                  row->name, members[i], text);
        json_object_del(problem, members[i]);
    }
    json_array_foreach(json_object_get(problem, "errors"), index, violation)
    {
        cr_expect_gt(json_string_length(json_object_get(violation, "detail")), 0);
        json_object_del(violation, "detail");
    }
    shortened = json_dumps(problem, JSON_COMPACT);
    json_decref(problem);
    return shortened;
}

static void
assert_body(const struct rpc_case *row, const char *body)
{
    char why[1024];
    char *shortened = NULL;

    if (row->expect == NULL) {
        cr_expect_str_eq(body, "", "%s: %s", row->name, body);
        return;
    }
    if (row->status >= 400) {
        body = shortened = shorten_problem(row, body);
    }
    cr_expect(match_json(row->expect, body, why, sizeof(why)), "%s: %s\n%s", row->name, why, body);
    free(shortened);
}

static void
run_case(struct table *self, const struct rpc_case *row)
{
    struct buf out = BUF_INIT;
    struct arena arena;
    struct call call;
    int status;

    test_database_run(&self->bench.database, self->truncate);
    if (row->seed != NULL) {
        test_database_run(&self->bench.database, row->seed);
    }
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&call, &arena);
    call.request_id = "test";
    call.client_address = "192.0.2.1";
    status = respond(self, &call, row, &out);
    cr_expect_eq(status, row->status, "%s: %d instead of %d: %s", row->name, status, row->status,
                 out.data);
    assert_body(row, out.data);
    if (row->check != NULL) {
        char *value = test_database_value(&self->bench.database, row->check);

        cr_expect_str_eq(value, row->checked, "%s: %s gives %s", row->name, row->check, value);
        free(value);
    }
    arena_fini(&arena);
    buf_fini(&out);
}

void
rpc_cases_run(const struct service *service, const struct rpc_case *cases, size_t n_cases)
{
    rpc_cases_run_as(service, &auth_nobody_in_charge, cases, n_cases);
}

static void
run_cases(struct table *self, const struct service *service, const struct rpc_case *cases,
          size_t n_cases)
{
    table_open(self, service);
    for (size_t i = 0; i < n_cases; i++) {
        run_case(self, &cases[i]);
    }
    table_close(self);
}

void
rpc_cases_run_as(const struct service *service, const struct caller *caller,
                 const struct rpc_case *cases, size_t n_cases)
{
    struct table table = {.caller = caller};

    run_cases(&table, service, cases, n_cases);
}

void
rpc_cases_run_if_match(const struct service *service, const char *if_match,
                       const struct rpc_case *cases, size_t n_cases)
{
    struct table table = {.if_match = if_match, .caller = &auth_nobody_in_charge};

    run_cases(&table, service, cases, n_cases);
}
