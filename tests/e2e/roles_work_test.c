/* A database that is run with roles: the services need no more than theirs. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/status.h"
#include "support/identity.h"
#include "support/roles.h"
#include "support/stack.h"

TestSuite(roles_work, .init = roles_open_migrated, .fini = roles_close);
TestSuite(roles_work_before, .init = roles_open, .fini = roles_close);

Test(roles_work_before, a_service_that_may_not_migrate_waits_for_who_may)
{
    struct process process;

    cr_assert_eq(roles_make(), 0);
    roles_start_inventory(&process, "1000");
    cr_assert(process_wait_log(&process,
                               "waiting for migrations: inventory/platform is at 0, 2 is wanted; "
                               "run depot-migrate up",
                               60));
    roles_value_is("SELECT count(*) FROM pg_namespace WHERE nspname = 'inventory'", "0");
    cr_assert_eq(roles_migrate("depot_migrator", "up"), 0);
    cr_assert(process_wait_log(&process, "\"event\":\"started\"", 60));
    process_signal(&process, SIGTERM);
    cr_assert_eq(process_wait(&process, 30), 0);
}

Test(roles_work, a_service_waits_for_the_version_that_it_knows)
{
    struct process process;
    char *log;

    cr_assert_eq(roles_migrate("depot_migrator", "--service=inventory down"), 0);
    roles_start_inventory(&process, "1");
    cr_assert_eq(process_wait(&process, 30), EXIT_UNAVAILABLE);
    log = process_log(&process);
    cr_assert_not_null(strstr(log, "waiting for migrations: inventory is at "), "%s", log);
    free(log);
    test_database_run(&roles.database,
                      "REVOKE SELECT ON inventory.depot_migration FROM depot_inventory");
    roles_start_inventory(&process, "0");
    cr_assert_eq(process_wait(&process, 30), EXIT_UNAVAILABLE);
    log = process_log(&process);
    cr_assert_not_null(strstr(log, "inventory has no rights in its schema"), "%s", log);
    free(log);
}

static bool
is_pruned(void *closure)
{
    char *n =
        test_database_value(&roles.database, "SELECT count(*) FROM inventory.depot_idempotency_key"
                                             " WHERE expire_time < now()");
    bool none = strcmp(n, "0") == 0;

    (void)closure;
    free(n);
    return none;
}

/* Calls a method of a service; its exit code, and what it printed, which the caller frees. */
static int
call(const char *address, const char *method, const char *json, char **reply)
{
    char ctl[512], command[2048];
    FILE *pipe;
    int status;

    test_program("tools/depotctl/depotctl", ctl, sizeof(ctl));
    snprintf(command, sizeof(command), "%s --idempotency-key %s call %s %s '%s' 2>&1", ctl, method,
             address, method, json);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    *reply = calloc(1, 65536);
    cr_assert_not_null(*reply);
    cr_assert_lt(fread(*reply, 1, 65535, pipe), 65535);
    status = pclose(pipe);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
does(const char *address, const char *method, const char *json, const char *part)
{
    char *reply;

    cr_expect_eq(call(address, method, json, &reply), 0, "%s: %s", method, reply);
    cr_expect_not_null(strstr(reply, part), "%s: %s", method, reply);
    free(reply);
}

/* The same key again gives the same answer, and no second car. */
Test(roles_work, inventory_does_all_its_work_as_its_role)
{
    static const char beetle[] = "{\"type\":\"cars\",\"resource\":{\"name\":\"Beetle\"}}";
    struct process process;
    char address[128], json[512], *first, *again, *car;

    test_database_run(&roles.database, "INSERT INTO inventory.depot_idempotency_key VALUES"
                                       " (sha256('a'), sha256('b'), 'c', now() - interval '2 days',"
                                       "  now() - interval '1 day')");
    roles_start_inventory(&process, "0");
    cr_assert(process_wait_log(&process, "\"event\":\"started\"", 60));
    cr_assert(
        process_log_value(&process, "\"event\":\"started\"", "listen", address, sizeof(address)));
    cr_assert_eq(call(address, "CreateResource", beetle, &first), 0, "%s", first);
    cr_assert_eq(call(address, "CreateResource", beetle, &again), 0, "%s", again);
    cr_assert_not_null(strstr(again, first), "%s", again);
    roles_value_is("SELECT count(*) FROM inventory.resource", "1");
    car = test_database_value(&roles.database, "SELECT id FROM inventory.resource");
    snprintf(json, sizeof(json),
             "{\"type\":\"cars\",\"resourceId\":\"%s\",\"allocation\":{\"startTime\":"
             "\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-02T00:00:00Z\"}}",
             car);
    does(address, "CreateAllocation", json, "2030-01-02");
    snprintf(json, sizeof(json), "{\"type\":\"cars\",\"resourceId\":\"%s\"}", car);
    does(address, "ListAllocations", json, "2030-01-02");
    does(address, "ListFreePeriods", json, "2030-01-02");
    snprintf(json, sizeof(json),
             "{\"type\":\"cars\",\"id\":\"%s\",\"resource\":{\"description\":\"red\"},"
             "\"updateMask\":\"description\"}",
             car);
    does(address, "UpdateResource", json, "red");
    does(address, "CreatePxcode", "{\"pxcode\":{\"pxcode\":\"123\",\"procedure\":\"x\"}}", "123");
    cr_assert(wait_until(is_pruned, NULL, 60));
    roles_value_is("SELECT count(*) > 3 FROM inventory.depot_audit", "t");
    process_signal(&process, SIGTERM);
    cr_assert_eq(process_wait(&process, 30), 0);
    free(first);
    free(again);
    free(car);
}

static void
expect(const struct stack *stack, const char *token, int status, const char *verb, const char *path,
       const char *body)
{
    struct http_response response;

    stack_send_as(stack, token, &response, verb, path, body);
    cr_expect_eq(response.status, status, "%s %s: %d %s", verb, path, response.status,
                 response.body);
    http_free(&response);
}

/* Where each process knows its own role and nothing else. */
Test(roles_work, the_whole_system_runs_as_its_roles)
{
    static struct identities people;
    char inventory_url[1100], accounts_url[1100], sql[256], car[37], path[128];
    const char *const inventorys[] = {inventory_url, NULL}, *const accounts[] = {accounts_url,
                                                                                 NULL};
    struct stack_options options = {
        .database_url = roles.database.url, .services = inventorys, .accounts = accounts};
    struct stack stack;

    unsetenv("AUTH_MODE");
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET search_path = inventory, accounts, public",
             roles.database.name);
    test_database_run(&roles.database, sql); /* for what the test itself asks */
    snprintf(inventory_url, sizeof(inventory_url), "DATABASE_URL=%s", roles_url("depot_inventory"));
    snprintf(accounts_url, sizeof(accounts_url), "DATABASE_URL=%s", roles_url("depot_accounts"));
    stack_start(&stack, &options);
    identities_make(&people, &stack);
    stack_make_car(&stack, "Beetle", car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    expect(&stack, people.token[IDENTITY_MEMBER], 201, "POST", path,
           "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-02T00:00:00Z\"}");
    expect(&stack, people.token[IDENTITY_OTHER], 409, "POST", path,
           "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-02T00:00:00Z\"}");
    expect(&stack, people.token[IDENTITY_MEMBER], 200, "GET", "/v1/auth/me", NULL);
    expect(&stack, stack.token, 200, "GET", "/v1/users", NULL);
    expect(&stack, stack.token, 200, "GET", "/v1/audit-events", NULL);
    snprintf(path, sizeof(path), "/v1/users/%s", people.other_id);
    expect(&stack, stack.token, 200, "PATCH", path, "{\"role\":\"MANAGER\"}");
    expect(&stack, stack.token, 204, "DELETE", path, NULL);
    expect(&stack, "", 401, "POST", "/v1/auth/login",
           "{\"username\":\"admin\",\"password\":\"not the right one\"}");
    stack_stop(&stack);
}
