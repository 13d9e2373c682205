/* Idempotency keys as a client of the HTTP API uses them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(idempotency, .init = setup, .fini = teardown, .timeout = 180);

static bool
is_replayed(const struct http_response *response)
{
    char *value = http_header(response, "Idempotent-Replayed");
    bool replayed = value != NULL && strcmp(value, "true") == 0;

    free(value);
    return replayed;
}

Test(idempotency, the_first_answer_comes_again)
{
    struct http_response first;
    struct http_response second;
    char *location[2];
    char *stored;

    stack_send(&stack, &first, "POST", "/v1/cars", "k1", "{\"name\":\"Golf\"}");
    stack_send(&stack, &second, "POST", "/v1/cars", "k1", "{ \"name\" : \"Golf\" }");
    cr_assert_eq(first.status, 201, "%s", first.body);
    cr_assert_eq(second.status, 201, "%s", second.body);
    cr_assert_str_eq(first.body, second.body);
    cr_assert_not(is_replayed(&first));
    cr_assert(is_replayed(&second));
    location[0] = http_header(&first, "Location");
    location[1] = http_header(&second, "Location");
    cr_assert_str_eq(location[0], location[1]);
    stored = stack_query(&stack, "SELECT count(*) FROM resource");
    cr_assert_str_eq(stored, "1");
    free(stored);
    free(location[0]);
    free(location[1]);
    http_free(&first);
    http_free(&second);
}

Test(idempotency, another_body_is_refused_and_another_path_is_another_request)
{
    char *body;

    free(stack_expect(&stack, 201, "POST", "/v1/cars", "k1", "{\"name\":\"Golf\"}"));
    body = stack_expect(&stack, 422, "POST", "/v1/cars", "k1", "{\"name\":\"Polo\"}");
    cr_assert_not_null(strstr(body, "\"IDEMPOTENCY_KEY_REUSED\""));
    free(body);
    free(stack_expect(&stack, 201, "POST", "/v1/trucks", "k1", "{\"name\":\"Golf\"}"));
}

Test(idempotency, a_failure_is_not_recorded)
{
    char *id;
    char path[128];
    struct http_response response;

    free(stack_expect(&stack, 201, "POST", "/v1/cars", NULL, "{\"name\":\"Golf\"}"));
    free(stack_expect(&stack, 409, "POST", "/v1/cars", "k1", "{\"name\":\"Golf\"}"));
    id = stack_query(&stack, "SELECT id FROM resource");
    snprintf(path, sizeof(path), "/v1/cars/%s", id);
    free(id);
    free(stack_expect(&stack, 204, "DELETE", path, NULL, NULL));
    stack_send(&stack, &response, "POST", "/v1/cars", "k1", "{\"name\":\"Golf\"}");
    cr_assert_eq(response.status, 201, "%s", response.body);
    cr_assert_not(is_replayed(&response));
    http_free(&response);
}

Test(idempotency, a_delete_can_be_repeated)
{
    char *id;
    char path[128];
    struct http_response response;

    free(stack_expect(&stack, 201, "POST", "/v1/cars", NULL, "{\"name\":\"Golf\"}"));
    id = stack_query(&stack, "SELECT id FROM resource");
    snprintf(path, sizeof(path), "/v1/cars/%s", id);
    free(id);
    free(stack_expect(&stack, 204, "DELETE", path, "k1", NULL));
    stack_send(&stack, &response, "DELETE", path, "k1", NULL);
    cr_assert_eq(response.status, 204);
    cr_assert(is_replayed(&response));
    http_free(&response);
    free(stack_expect(&stack, 404, "DELETE", path, "k2", NULL));
}

Test(idempotency, a_key_has_a_form)
{
    char key[300];

    memset(key, 'k', 256);
    key[256] = '\0';
    free(stack_expect(&stack, 400, "POST", "/v1/cars", key, "{\"name\":\"Golf\"}"));
    key[255] = '\0';
    free(stack_expect(&stack, 201, "POST", "/v1/cars", key, "{\"name\":\"Golf\"}"));
}
