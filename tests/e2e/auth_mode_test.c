/*
 * The settings that say who is asked who they are: AUTH_MODE=off and where it is refused,
 * PUBLIC_READ, and the password of the first administrator.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/route.h"
#include "support/any_path.h"
#include "support/problem.h"
#include "support/stack.h"
#include "support/temp.h"

static struct stack stack;

static void
stop(void)
{
    stack_stop(&stack);
}

TestSuite(auth_mode, .timeout = 120);
TestSuite(auth_mode_off, .fini = stop, .timeout = 300);
TestSuite(public_read, .fini = stop, .timeout = 300);
TestSuite(admin_password, .fini = stop, .timeout = 300);

#define CARS  "/v1/cars"
#define LOGIN "/v1/auth/login"

static size_t
count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        n++;
    }
    return n;
}

/* --- where it is refused --- */

static const struct refused {
    const char *program;
    const char *listens; /* for everybody, not only for this machine */
} programs[] = {
    {"gateway/gateway", "GATEWAY_HOST=0.0.0.0"},
    {"inventory/inventory", "RPC_LISTEN=tcp://0.0.0.0:0"},
    {"accounts/accounts", "RPC_LISTEN=tcp://0.0.0.0:0"},
};

/* One line names the setting; nothing was done before. */
static void
expect_refused(const char *name, const char *setting, const char *says)
{
    struct process process;
    char path[512];
    const char *argv[] = {test_program(name, path, sizeof(path)), NULL};
    const char *environment[] = {
        "AUTH_MODE=off",
        setting,
        "DATABASE_URL=postgresql://depot@127.0.0.1:1/depot",
        "SECRET_KEY=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "INVENTORY_ADDRESSES=tcp://127.0.0.1:1",
        "ACCOUNTS_ADDRESSES=tcp://127.0.0.1:1",
        NULL};
    int code;
    char *log;

    process_start(&process, argv, environment);
    code = process_wait(&process, 60);
    log = process_log(&process);
    cr_expect_eq(code, 78, "%s, %s: %d %s", name, setting, code, log);
    cr_expect_not_null(strstr(log, says), "%s, %s: %s", name, setting, log);
    cr_expect_not_null(strstr(log, "AUTH_MODE is off"), "%s, %s: %s", name, setting, log);
    cr_expect_eq(count(log, "\n"), 1, "%s, %s: %s", name, setting, log);
    free(log);
    process_stop(&process);
}

Test(auth_mode, off_is_refused_in_production_and_where_others_could_come_from)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        expect_refused(programs[i].program, "APP_ENV=production", "APP_ENV=production");
        expect_refused(programs[i].program, programs[i].listens, "must be loopback");
    }
}

/* --- what it means --- */

static void
expect_shouts(const struct process *process, size_t times)
{
    char *log = process_log(process);
    char level[16] = "";

    cr_expect_eq(count(log, "AUTH_MODE_IS_OFF"), times, "%s", log);
    process_log_value(process, "AUTH_MODE_IS_OFF", "level", level, sizeof(level));
    cr_expect_str_eq(level, times == 0 ? "" : "warn");
    free(log);
}

static void
expect_all_shout(size_t times)
{
    expect_shouts(&stack.gateway, times);
    expect_shouts(&stack.inventory[0], times);
    expect_shouts(&stack.accounts, times);
}

Test(auth_mode_off, every_process_shouts_once)
{
    stack_start(&stack, &(struct stack_options){.open = true});
    expect_all_shout(1);
}

Test(auth_mode_off, nobody_shouts_when_it_is_on)
{
    stack_start(&stack, &(struct stack_options){0});
    expect_all_shout(0);
}

/* Whatever credentials there are, even such as are none. */
static void
expect_let_in(const struct http_route *route, const char *token)
{
    struct http_response response;
    char path[ANY_PATH_BYTES];

    any_path(route, path);
    stack_send_as(&stack, token, &response, route->verb, path,
                  route->body == HTTP_BODY_NONE ? NULL : "{\"nothing\":\"of the kind\"}");
    cr_expect(response.status != 0 && response.status != 401 && response.status != 403,
              "%s %s: %d %s", route->verb, path, response.status, response.body);
    http_free(&response);
}

Test(auth_mode_off, everybody_may_do_everything)
{
    stack_start(&stack, &(struct stack_options){.open = true});
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        expect_let_in(&http_contract.routes[i], "");
        expect_let_in(&http_contract.routes[i], "none");
    }
}

static void
expect_member(const struct http_response *response, const char *name, const char *wanted)
{
    char *value = http_member(response, name);

    cr_expect_str_eq(value, wanted, "%s is %s: %s", name, value, response->body);
    free(value);
}

/* As in the time before there were accounts; whoever comes sees and changes them. */
Test(auth_mode_off, bookings_have_no_owner)
{
    struct http_response response;
    char car[37], path[128];
    char *id, *owners;

    stack_start(&stack, &(struct stack_options){.open = true});
    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), CARS "/%s/allocations", car);
    stack_send(&stack, &response, "POST", path, NULL,
               "{\"unbounded\":true,\"description\":\"for all to see\"}");
    cr_assert_eq(response.status, 201, "%s", response.body);
    expect_member(&response, "ownerId", "");
    expect_member(&response, "description", "for all to see");
    id = http_member(&response, "id");
    http_free(&response);
    owners = stack_query(&stack, "SELECT count(owner_id) FROM allocation");
    cr_assert_str_eq(owners, "0");
    snprintf(path, sizeof(path), CARS "/%s/allocations/%s", car, id);
    free(stack_expect(&stack, 200, "PATCH", path, NULL, "{\"description\":\"\"}"));
    free(stack_expect(&stack, 204, "DELETE", path, NULL, NULL));
    free(owners);
    free(id);
}

/* --- PUBLIC_READ --- */

static const char *const public_read_on[] = {"PUBLIC_READ=on", NULL};

/* By name: what the contract opens to everybody is a decision. */
static bool
is_public(const struct pb_method *method)
{
    static const char *const names[] = {
        "ListResources",   "GetResource",  "ListAllocations", "GetAllocation",
        "ListFreePeriods", "RegisterUser", "Login",           "Refresh",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], method->name) == 0) {
            return true;
        }
    }
    return false;
}

static void
expect_public(const struct http_route *route)
{
    struct http_response response;
    char path[ANY_PATH_BYTES];

    any_path(route, path);
    stack_send_as(&stack, "", &response, route->verb, path,
                  route->body == HTTP_BODY_NONE ? NULL : "{\"nothing\":\"of the kind\"}");
    if (is_public(route->method)) {
        cr_expect(response.status != 0 && response.status != 401 && response.status != 403,
                  "%s %s: %d %s", route->verb, path, response.status, response.body);
    } else {
        problem_expect(&response, "TOKEN_MISSING", path);
    }
    http_free(&response);
}

/* Whether the answer to nobody in particular holds the words. */
static bool
shows(const char *path, const char *words)
{
    struct http_response response;
    bool shown;

    stack_send_as(&stack, "", &response, "GET", path, NULL);
    cr_assert_eq(response.status, 200, "%s: %d %s", path, response.status, response.body);
    shown = strstr(response.body, words) != NULL;
    http_free(&response);
    return shown;
}

static void
start_public(const char *const *services)
{
    stack_start(&stack, &(struct stack_options){.gateway = public_read_on,
                                                .services = services,
                                                .accounts = public_read_on});
}

Test(public_read, nobody_reads_the_fleet_and_nothing_else)
{
    start_public(public_read_on);
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        expect_public(&http_contract.routes[i]);
    }
}

Test(public_read, nobody_sees_when_and_not_whose)
{
    char car[37], calendar[128], one[256];
    char *made, *id, *found;

    start_public(public_read_on);
    stack_make_car(&stack, "Golf", car);
    snprintf(calendar, sizeof(calendar), CARS "/%s/allocations", car);
    made =
        stack_expect(&stack, 201, "POST", calendar, NULL,
                     "{\"startTime\":\"2031-01-01T00:00:00Z\",\"description\":\"for few to see\","
                     "\"attributes\":{\"for\":\"few\"}}");
    cr_assert_null(strstr(made, "\"ownerId\":\"\""), "%s", made);
    id = stack_query(&stack, "SELECT id FROM allocation");
    snprintf(one, sizeof(one), "%s/%s", calendar, id);
    cr_expect(shows(CARS, "Golf"));
    for (int i = 0; i < 2; i++) {
        const char *path = i == 0 ? calendar : one;

        cr_expect(shows(path, "2031-01-01T00:00:00Z"));
        cr_expect(shows(path, "\"ownerId\":\"\""));
        cr_expect(shows(path, "\"attributes\":{}"));
        cr_expect_not(shows(path, "few"));
    }
    snprintf(one, sizeof(one), "%s?filter=description%%20=%%20%%22for%%20few%%20to%%20see%%22",
             calendar);
    cr_expect_not(shows(one, "2031-01-01T00:00:00Z"), "a filter tells what is not shown");
    found = stack_expect(&stack, 200, "GET", one, NULL, NULL);
    cr_expect_not_null(strstr(found, "2031-01-01T00:00:00Z"), "%s", found);
    free(found);
    free(made);
    free(id);
}

/* A gateway that lets everybody in does not make a service do so. */
Test(public_read, the_service_has_its_own_say)
{
    struct http_response response;

    start_public(NULL);
    stack_send_as(&stack, "", &response, "GET", CARS, NULL);
    problem_expect(&response, "TOKEN_MISSING", CARS);
    http_free(&response);
}

/* --- the password of the first administrator --- */

static int
status_of_login(const char *password)
{
    char body[256];

    snprintf(body, sizeof(body), "{\"username\":\"admin\",\"password\":\"%s\"}", password);
    return stack_status_as(&stack, "", "POST", LOGIN, body);
}

/* Without a setting one is made up, and printed by the start that made it. */
Test(admin_password, that_is_printed_logs_in)
{
    static const char mark[] = "with the password ";
    static const char *const unset[] = {"ADMIN_PASSWORD=", NULL};
    char password[64];
    char *log, *again;

    stack_start(&stack, &(struct stack_options){.open = true, .accounts = unset});
    log = process_log(&stack.accounts);
    cr_assert_eq(count(log, mark), 1, "%s", log);
    cr_assert_eq(sscanf(strstr(log, mark) + strlen(mark), "%63s", password), 1);
    cr_assert_eq(count(log, password), 1, "%s", log);
    cr_assert_eq(status_of_login(password), 200);
    stack_start_accounts(&stack);
    again = process_log(&stack.accounts);
    cr_assert_eq(count(again, mark), 0, "%s", again);
    cr_assert_eq(count(again, password), 0, "%s", again);
    free(log);
    free(again);
}

static void
write_password(const char *path, const char *password)
{
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file);
    cr_assert_gt(fprintf(file, "%s\n", password), 0);
    cr_assert_eq(fclose(file), 0);
}

static int
status_of(const char *token)
{
    return stack_status_as(&stack, token, "GET", "/v1/auth/me", NULL);
}

static bool
is_out(void *token)
{
    return status_of(token) == 401;
}

/* What the file says counts at every start; only another password ends sessions. */
Test(admin_password, of_a_file_takes_effect_at_the_next_start)
{
    char path[64], setting[128], first[STACK_TOKEN_BYTES], second[STACK_TOKEN_BYTES];
    const char *const accounts[] = {"ADMIN_PASSWORD=", setting, NULL};

    temp_template(path, sizeof(path), "depot-password");
    cr_assert_eq(close(mkstemp(path)), 0);
    snprintf(setting, sizeof(setting), "ADMIN_PASSWORD_FILE=%s", path);
    write_password(path, STACK_ADMIN_PASSWORD);
    stack_start(&stack, &(struct stack_options){.accounts = accounts});
    stack_login(&stack, "admin", STACK_ADMIN_PASSWORD, first, NULL);
    stack_start_accounts(&stack);
    cr_assert_eq(status_of(first), 200);
    write_password(path, "another one of theirs");
    stack_start_accounts(&stack);
    cr_assert(wait_until(is_out, first, 30), "the session goes on");
    cr_assert_eq(status_of_login(STACK_ADMIN_PASSWORD), 401);
    stack_login(&stack, "admin", "another one of theirs", second, NULL);
    cr_assert_eq(status_of(second), 200);
    cr_assert_eq(status_of(first), 401);
    unlink(path);
}
