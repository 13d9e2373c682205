/* What the logs of a gateway and of a service say of one request. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){.replicas = 1});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(log, .init = setup, .fini = teardown, .timeout = 300);

static void
ask(const char *path, const char *request_id, int status)
{
    struct http_response response;
    char url[5000], field[256];
    const char *headers[] = {field, NULL};

    snprintf(url, sizeof(url), "%s%s", stack.base, path);
    snprintf(field, sizeof(field), "X-Request-Id: %s", request_id);
    http_send(&response, "GET", url, headers, NULL);
    cr_assert_eq(response.status, status, "%d: %s", response.status, response.body);
    http_free(&response);
}

/* The only line of a process with the request's id; every line must be one JSON object. */
static json_t *
line_of(struct process *process, const char *request_id)
{
    json_t *found = NULL;
    char *log;

    cr_assert(process_wait_log(process, request_id, 60));
    process_signal(process, SIGTERM);
    cr_assert_eq(process_wait(process, 60), 0);
    log = process_log(process);
    for (char *rest = log, *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        const char *id = json_string_value(json_object_get(json, "requestId"));

        cr_assert_not_null(json, "%s", line);
        if (id != NULL && strcmp(id, request_id) == 0) {
            cr_assert_null(found, "twice: %s", line);
            found = json_incref(json);
        }
        json_decref(json);
    }
    free(log);
    cr_assert_not_null(found);
    return found;
}

static void
expect_line(struct process *process, const char *event, const char *request_id, const char *method,
            const char *code)
{
    json_t *line = line_of(process, request_id);

    cr_assert_str_eq(json_string_value(json_object_get(line, "event")), event);
    cr_assert_str_eq(json_string_value(json_object_get(line, "method")), method);
    cr_assert_str_eq(json_string_value(json_object_get(line, "code")), code);
    cr_assert(json_is_integer(json_object_get(line, "durationUs")));
    json_decref(line);
}

Test(log, one_line_of_each_process_under_one_id)
{
    ask("/v1/cars/01900000-0000-7000-8000-00000000000a", "the-one", 404);
    expect_line(&stack.gateway, "request", "the-one", "GetResource", "NOT_FOUND");
    expect_line(&stack.inventory[0], "call", "the-one", "GetResource", "NOT_FOUND");
}

/* The longest that a client may send takes nothing else out of the line. */
Test(log, a_long_path_leaves_room_for_the_rest)
{
    static const char start[] = "/v1/cars/";
    char path[3900 + 1], id[128 + 1];

    memset(path, '\'', sizeof(path) - 1);
    memcpy(path, start, strlen(start));
    path[sizeof(path) - 1] = '\0';
    memset(id, 'i', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    ask(path, id, 404);
    expect_line(&stack.gateway, "request", id, "GetResource", "NOT_FOUND");
}
