/* depotctl and the typed example client, as their users run them: against a real service. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/match.h"
#include "support/port.h"
#include "support/stack.h"
#include "support/temp.h"

#define NO_ID "01890a5d-ac96-774b-bcce-b302099a8057"

static struct stack stack;
static char folder[64];
static char out[65536], err[65536];

static void
make_folder(void)
{
    temp_template(folder, sizeof(folder), "depotctl-test");
    cr_assert_not_null(mkdtemp(folder));
}

static void
remove_folder(void)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/out", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/err", folder);
    unlink(path);
    rmdir(folder);
}

static void
read_file(const char *name, char *text, size_t bytes)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "r");
    cr_assert_not_null(file);
    text[fread(text, 1, bytes - 1, file)] = '\0';
    fclose(file);
}

/* Runs a program below the build folder with arguments for the shell; fills `out` and `err`. */
static int
run(const char *program, const char *arguments)
{
    char command[4096];
    char path[1024];
    int status;
    pid_t pid;

    snprintf(command, sizeof(command), "'%s' %s >%s/out 2>%s/err",
             test_program(program, path, sizeof(path)), arguments, folder, folder);
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status), "%s", command);
    read_file("out", out, sizeof(out));
    read_file("err", err, sizeof(err));
    return WEXITSTATUS(status);
}

static int ctl(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int
ctl(const char *format, ...)
{
    char arguments[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(arguments, sizeof(arguments), format, args);
    va_end(args);
    return run("tools/depotctl/depotctl", arguments);
}

/* One line that begins with the program's name and holds `text`. */
static void
expect_complaint(int code, const char *text)
{
    const char *end = strchr(err, '\n');

    cr_assert_eq(strncmp(err, "depotctl: ", 10), 0, "%s", err);
    cr_assert_not_null(strstr(err, text), "'%s' is not in: %s", text, err);
    cr_assert(end != NULL && end[1] == '\0', "not one line: %s", err);
    cr_assert_str_eq(out, "");
    cr_assert_neq(code, 0);
}

static void
expect_json(const char *expected, const char *actual)
{
    char why[1024];

    cr_assert(match_json(expected, actual, why, sizeof(why)), "%s in: %s", why, actual);
}

/* --- without a service --- */

TestSuite(depotctl, .init = make_folder, .fini = remove_folder, .timeout = 120);

Test(depotctl, lists_services_and_methods)
{
    cr_assert_eq(ctl("services"), 0);
    cr_assert_str_eq(out, "depot.accounts.v1.AccountsService\n"
                          "depot.inventory.v1.InventoryService\n"
                          "depot.auth.v1.Authority\n"
                          "grpc.health.v1.Health\n");
    cr_assert_eq(ctl("methods"), 0);
    cr_assert_not_null(strstr(out, "depot.inventory.v1.InventoryService/CreateAllocation  "));
    cr_assert_not_null(strstr(out, "grpc.health.v1.Health/Check  "));
    cr_assert_eq(ctl("methods Health"), 0);
    cr_assert_null(strstr(out, "Inventory"));
    cr_assert_not_null(strstr(out, "grpc.health.v1.Health/Check  HealthCheckRequest  "));
    cr_assert_eq(ctl("methods accounts"), 0);
    cr_assert_not_null(strstr(out, "/Upkeep           Empty                   Empty                "
                                   "    operator; every 1000 ms  "),
                       "%s", out);
    cr_assert_not_null(strstr(out, "  RevokeAllResponse        operator                 Takes"),
                       "%s", out);
}

/* What the line of the route that starts so has in the columns from `heading` on. */
static void
expect_columns(const char *route, const char *heading, const char *expected)
{
    const char *line = strstr(out, route), *text;

    cr_assert_not_null(line, "%s in: %s", route, out);
    text = line + 1 + (strstr(out, heading) - out);
    cr_assert_eq(strncmp(text, expected, strlen(expected)), 0, "%s: %.*s", route,
                 (int)strcspn(text, "\n"), text);
}

Test(depotctl, lists_routes_in_columns)
{
    cr_assert_eq(ctl("routes"), 0);
    expect_columns("\nPOST    /v1/{type}/{resource_id}/allocations ", "RPC",
                   "depot.inventory.v1.InventoryService/CreateAllocation  write  member   ");
    expect_columns("\nPOST    /v1/auth/login ", "ACCESS", "anonymous               -\n");
    expect_columns("\nPOST    /v1/auth/logout ", "ACCESS",
                   "member, own             session only\n");
    expect_columns("\nGET     /v1/{type} ", "ACCESS", "member                  public read\n");
    expect_columns("\nDELETE  /v1/{type}/{resource_id}/allocations/{id} ", "ACCESS",
                   "member; others manager  -\n");
}

Test(depotctl, says_what_is_wrong_with_its_arguments)
{
    static const struct {
        const char *arguments, *complaint;
    } wrong[] = {
        {"book", "there is no command 'book'"},
        {"call 127.0.0.1:1", "usage: depotctl call <address> <method> [JSON]"},
        {"call 127.0.0.1:1 Get", "there is no method 'Get'"},
        {"call 127.0.0.1:1 Health/GetResource '{}'", "there is no method 'Health/GetResource'"},
        {"call '' Check '{}'", "depotctl: "},
        {"call udp://127.0.0.1:1 Check '{}'", "udp://127.0.0.1:1"},
        {"call 127.0.0.1 Check '{}'", "127.0.0.1"},
        {"health 127.0.0.1:port", "127.0.0.1:port"},
        {"methods Nothing", "there is no service 'Nothing'"},
        {"services --timeout-ms=0", "--timeout-ms must be a number from 1 to 600000, not '0'"},
        {"services --timeout-ms=5s", "not '5s'"},
        {"services --timeout-ms=99999999999999999999", "not '9999"},
        {"services --tls-ca x", "--tls-ca and --tls-cert belong together"},
        {"--tls-ca /nothing --tls-cert /nothing health 127.0.0.1:1 inventory", "/nothing"},
        {"health tls+tcp://127.0.0.1:1", "TLS"},
        {"--frobnicate", "--frobnicate"},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int code = ctl("%s", wrong[i].arguments);

        cr_assert_eq(code, 64, "%s: %d %s", wrong[i].arguments, code, err);
        expect_complaint(code, wrong[i].complaint);
    }
    cr_assert_eq(ctl("%s", ""), 64);
    cr_assert_eq(strncmp(err, "Usage: depotctl", 15), 0);
    cr_assert_eq(ctl("--help"), 0);
    cr_assert_eq(strncmp(out, "Usage: depotctl", 15), 0);
}

Test(depotctl, a_service_that_is_away_is_69)
{
    int port = test_free_port();
    char path[1024];
    char arguments[64];

    cr_assert_eq(ctl("--timeout-ms 2000 health 127.0.0.1:%d", port), 69);
    expect_complaint(69, "127.0.0.1");
    cr_assert_eq(
        ctl("--timeout-ms 2000 call 127.0.0.1:%d ListResources '{\"type\":\"cars\"}'", port), 69);
    cr_assert_not_null(strstr(err, "\"reason\": \"SERVICE_DOWN\""), "%s", err);
    cr_assert_str_eq(out, "");
    snprintf(arguments, sizeof(arguments),
             "tcp://127.0.0.1:%d 0190a000-0000-7000-8000-000000000000", port);
    cr_assert_eq(access(test_program("examples/book_a_car", path, sizeof(path)), X_OK), 0);
    cr_assert_neq(run("examples/book_a_car", arguments), 0);
    cr_assert_str_neq(err, "");
}

Test(depotctl, a_request_that_is_no_message_is_refused_before_it_is_sent)
{
    cr_assert_eq(ctl("--request-id r1 call 127.0.0.1:1 GetResource '{'"), 1);
    cr_assert_not_null(strstr(err, "\"reason\": \"MALFORMED_JSON\""), "%s", err);
    cr_assert_not_null(strstr(err, "\"requestId\": \"r1\""), "%s", err);
    cr_assert_eq(ctl("call 127.0.0.1:1 GetResource </dev/null"), 1);
    cr_assert_not_null(strstr(err, "\"reason\": \"MALFORMED_JSON\""), "%s", err);
    cr_assert_eq(ctl("call 127.0.0.1:1 GetResource '{\"wheels\":4,\"id\":1}'"), 1);
    cr_assert_not_null(strstr(err, "\"pointer\": \"/wheels\""), "%s", err);
    cr_assert_not_null(strstr(err, "\"pointer\": \"/id\""), "%s", err);
}

/* --- with one --- */

static void
start(void)
{
    make_folder();
    stack_start(&stack, &(struct stack_options){0});
}

static void
stop(void)
{
    stack_stop(&stack);
    remove_folder();
}

TestSuite(depotctl_live, .init = start, .fini = stop, .timeout = 180);

Test(depotctl_live, calls_methods_with_json)
{
    int port = stack.rpc_ports[0];
    char id[37];

    cr_assert_eq(ctl("call 127.0.0.1:%d CreateResource "
                     "'{\"type\":\"cars\",\"resource\":{\"name\":\"Golf\",\"attributes\":{\"a\":\"{"
                     "[\\\"\"}}}'",
                     port),
                 0, "%s", err);
    expect_json(
        "{\"id\":\"<uuid>\",\"type\":\"cars\",\"name\":\"Golf\",\"description\":\"\","
        "\"attributes\":{\"a\":\"{[\\\"\"},\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
        out);
    cr_assert_eq(strncmp(out, "{\n  \"id\": \"", 11), 0, "not for people: %s", out);
    snprintf(id, sizeof(id), "%s", out + 11);
    cr_assert_eq(ctl("call tcp://127.0.0.1:%d inventory/GetResource "
                     "'{\"type\":\"cars\",\"id\":\"%s\"}'",
                     port, id),
                 0, "%s", err);
    cr_assert_not_null(strstr(out, "\"name\": \"Golf\""));
    cr_assert_eq(ctl("call 127.0.0.1:%d InventoryService/DeleteResource "
                     "'{\"type\":\"cars\",\"id\":\"%s\"}'",
                     port, id),
                 0, "%s", err);
    cr_assert_str_eq(out, "{}\n");
}

Test(depotctl_live, reads_the_request_from_standard_input)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/in", folder);
    file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs("{\n  \"type\": \"trucks\"\n}\n", file);
    fclose(file);
    cr_assert_eq(ctl("call 127.0.0.1:%d ListResources <%s", stack.rpc_ports[0], path), 0, "%s",
                 err);
    cr_assert_str_eq(out, "{\n  \"resources\": [],\n  \"nextPageToken\": \"\"\n}\n");
    unlink(path);
}

Test(depotctl_live, shows_the_services_problems)
{
    int port = stack.rpc_ports[0];
    char id[37];

    cr_assert_eq(ctl("--request-id r7 call 127.0.0.1:%d GetResource '{\"type\":\"boats\"}'", port),
                 1);
    cr_assert_not_null(strstr(err, "\"reason\": \"RESOURCE_TYPE_UNKNOWN\""), "%s", err);
    cr_assert_not_null(strstr(err, "\"requestId\": \"r7\""), "%s", err);
    cr_assert_eq(
        ctl("call 127.0.0.1:%d CreateResource '{\"type\":\"cars\",\"resource\":{}}'", port), 1);
    cr_assert_not_null(strstr(err, "\"pointer\": \"/resource/name\""), "%s", err);
    stack_make_car(&stack, "Golf", id);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(ctl("call 127.0.0.1:%d CreateAllocation '{\"type\":\"cars\",\"resourceId\":"
                         "\"%s\",\"allocation\":{\"startTime\":\"2026-03-01T09:00:00Z\"}}'",
                         port, id),
                     i, "%s", err);
    }
    expect_json("{\"type\":\"urn:depot:problem:allocation-overlap\",\"title\":\"<text>\","
                "\"status\":409,\"detail\":\"<text>\","
                "\"instance\":\"/depot.inventory.v1.InventoryService/CreateAllocation\","
                "\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"requestId\":\"<uuid>\","
                "\"conflicts\":[{\"startTime\":\"2026-03-01T09:00:00Z\"}]}",
                err);
    cr_assert_str_eq(out, "");
}

Test(depotctl_live, an_idempotency_key_gives_the_first_answer_again)
{
    char first[sizeof(out)];

    for (int i = 0; i < 2; i++) {
        cr_assert_eq(ctl("--idempotency-key k1 call 127.0.0.1:%d CreateResource "
                         "'{\"type\":\"cars\",\"resource\":{\"name\":\"Golf\"}}'",
                         stack.rpc_ports[0]),
                     0, "%s", err);
        if (i == 0) {
            memcpy(first, out, sizeof(out));
            cr_assert_str_eq(err, "");
        }
    }
    cr_assert_str_eq(out, first);
    cr_assert_not_null(strstr(err, "the first answer again"), "%s", err);
}

Test(depotctl_live, tells_the_health)
{
    int port = stack.rpc_ports[0];

    cr_assert_eq(ctl("health 127.0.0.1:%d", port), 0, "%s", err);
    cr_assert_str_eq(out, "SERVING\n");
    cr_assert_eq(ctl("health 127.0.0.1:%d inventory", port), 0, "%s", err);
    cr_assert_str_eq(out, "SERVING\n");
    cr_assert_eq(ctl("health 127.0.0.1:%d depot.shop.v1.ShopService", port), 1);
    cr_assert_str_neq(out, "SERVING\n");
}

Test(depotctl_live, the_example_books_a_car)
{
    char arguments[64];
    char car[37];
    char path[64];
    char *allocations;

    stack_make_car(&stack, "Golf", car);
    snprintf(arguments, sizeof(arguments), "tcp://127.0.0.1:%d %s", stack.rpc_ports[0], car);
    cr_assert_eq(run("examples/book_a_car", arguments), 0, "%s", err);
    cr_assert_not_null(strstr(out, car), "%s", out);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    allocations = stack_expect(&stack, 200, "GET", path, NULL, NULL);
    expect_json("{\"allocations\":[{\"id\":\"<uuid>\",\"resourceType\":\"cars\","
                "\"resourceId\":\"<uuid>\",\"kind\":\"BOOKING\",\"startTime\":\"<time>\","
                "\"endTime\":\"<time>\",\"description\":\"\",\"attributes\":{},"
                "\"createTime\":\"<time>\",\"ownerId\":\"<uuid>\"}],\"nextPageToken\":\"\"}",
                allocations);
    free(allocations);
    cr_assert_eq(run("examples/book_a_car", arguments), 1, "%s", out);
    cr_assert_not_null(strstr(err, "taken"), "%s", err);
}
