/*
 * depotctl as somebody: with a token, or with an API key for which it gets one. The service that it
 * calls is this test's own, which shows what came and refuses what it is told to.
 */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "depot/auth/v1/authority.pb-c.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "rpc/server.h"
#include "support/process.h"
#include "support/temp.h"

static struct rpc_server *server;
static char address[64], said[65536];

/* --- the service --- */

static enum status
authorise(void *closure, struct rpc_served *served, const char *token)
{
    (void)closure;
    if (served->method->access == PB_ROLE_ANONYMOUS || strcmp(token, "good") == 0) {
        return STATUS_OK;
    }
    if (token[0] == '\0') {
        return call_fail(&served->call, &reason_token_missing, "Nobody.");
    }
    return strcmp(token, "low") == 0 ? call_fail(&served->call, &reason_not_allowed, "Too low.")
                                     : call_fail(&served->call, &reason_token_invalid, "No token.");
}

static void
answer_exchange(struct rpc_served *served)
{
    const Depot__Auth__V1__ExchangeApiKeyRequest *request =
        (const Depot__Auth__V1__ExchangeApiKeyRequest *)served->request;

    if (strcmp(request->api_key, "dpk_good") == 0) {
        ((Depot__Auth__V1__ExchangeApiKeyResponse *)served->reply)->access_token = (char *)"good";
    } else {
        served->status = call_fail(&served->call, &reason_token_revoked, "Taken back.");
    }
}

static void
execute(void *worker, struct rpc_served *const *calls, size_t n)
{
    (void)worker;
    for (size_t i = 0; i < n; i++) {
        calls[i]->status = STATUS_OK;
        calls[i]->reply = pb_new(calls[i]->call.arena, calls[i]->method->reply);
        if (calls[i]->method == &depot__auth__v1__authority__exchange_api_key__method) {
            answer_exchange(calls[i]);
        }
    }
}

static void
start_with(struct rpc_tls tls)
{
    static const struct pb_service *const services[] = {
        &depot__inventory__v1__inventory_service__service, &depot__auth__v1__authority__service,
        NULL};
    struct rpc_server_options options = {
        .listen_url = "tcp://127.0.0.1:0",
        .workers = 2,
        .services = services,
        .executor = {.execute = execute, .authorise = authorise},
        .tls = tls,
    };
    struct error error;

    cr_assert_eq(rpc_server_open(&options, &server, &error), STATUS_OK, "%s", error.text);
    snprintf(address, sizeof(address), "%s", strstr(rpc_server_url(server), "://") + 3);
}

static void
start(void)
{
    start_with((struct rpc_tls){0});
}

static void
stop(void)
{
    cr_assert_eq(rpc_server_close(server, 5000), 0);
}

TestSuite(depotctl_access, .init = start, .fini = stop, .timeout = 120);

/* Runs depotctl; `environment` and `arguments` are for the shell. What it prints goes to `said`. */
static int
ctl(const char *environment, const char *arguments)
{
    char command[2048], path[1024];
    FILE *pipe;

    snprintf(command, sizeof(command),
             "env -u DEPOT_TOKEN -u DEPOT_API_KEY -u ACCOUNTS_ADDRESSES -u RPC_TLS_DIR -u SERVICE "
             "%s '%s' %s 2>&1",
             environment, test_program("tools/depotctl/depotctl", path, sizeof(path)), arguments);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
    return WEXITSTATUS(pclose(pipe));
}

/* Lists vehicles. */
static void
expect(int code, const char *environment, const char *options, const char *text)
{
    char arguments[256];

    snprintf(arguments, sizeof(arguments), "%s call %s ListResources '{\"type\": \"cars\"}'",
             options, address);
    cr_assert_eq(ctl(environment, arguments), code, "%s %s: %s", environment, options, said);
    cr_assert_not_null(strstr(said, text), "%s is not in: %s", text, said);
}

#define VEHICLES "\"resources\": []"

Test(depotctl_access, a_token_goes_with_the_call)
{
    expect(0, "", "--token=good", VEHICLES);
    expect(0, "DEPOT_TOKEN=good", "", VEHICLES);
    expect(0, "DEPOT_TOKEN=bad", "--token good", VEHICLES);
}

Test(depotctl_access, who_is_not_known_or_may_not_is_77)
{
    expect(77, "", "", "\"reason\": \"TOKEN_MISSING\"");
    expect(77, "", "", "set DEPOT_TOKEN, or DEPOT_API_KEY and ACCOUNTS_ADDRESSES");
    expect(77, "DEPOT_TOKEN=", "", "\"reason\": \"TOKEN_MISSING\"");
    expect(77, "DEPOT_TOKEN=bad", "", "\"reason\": \"TOKEN_INVALID\"");
    expect(77, "DEPOT_TOKEN=low", "", "\"reason\": \"NOT_ALLOWED\"");
    cr_assert_null(strstr(said, "set DEPOT_TOKEN"), "who is known need not be told: %s", said);
}

Test(depotctl_access, an_api_key_is_exchanged_for_a_token)
{
    char environment[256];

    snprintf(environment, sizeof(environment),
             "DEPOT_API_KEY=dpk_good ACCOUNTS_ADDRESSES=tcp://%s,%s", address, address);
    expect(0, environment, "", VEHICLES);
    snprintf(environment, sizeof(environment), "DEPOT_API_KEY=dpk_gone ACCOUNTS_ADDRESSES=%s",
             address);
    expect(77, environment, "", "\"reason\": \"TOKEN_REVOKED\"");
    cr_assert_null(strstr(said, "dpk_gone"), "the key was told: %s", said);
    expect(0, environment, "--token good", VEHICLES);
    expect(64, "DEPOT_API_KEY=dpk_good", "", "DEPOT_API_KEY needs ACCOUNTS_ADDRESSES");
    expect(69, "DEPOT_API_KEY=dpk_good ACCOUNTS_ADDRESSES=127.0.0.1:1", "",
           "\"reason\": \"SERVICE_DOWN\"");
}

Test(depotctl_access, one_folder_holds_what_tls_takes)
{
    expect(64, "RPC_TLS_DIR=/nowhere", "", "RPC_TLS_DIR: /nowhere has no ca.pem");
}

/* --- TLS --- */

static char folder[64], variable[96];

static void
start_tls(void)
{
    char command[256], ca[96], own[96];

    temp_template(folder, sizeof(folder), "depotctl-tls");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(command, sizeof(command),
             DEPOT_SOURCE_FOLDER "/deploy/certs.sh %s/certs inventory client >/dev/null", folder);
    cr_assert_eq(system(command), 0);
    snprintf(ca, sizeof(ca), "%s/certs/ca.pem", folder);
    snprintf(own, sizeof(own), "%s/certs/inventory.pem", folder);
    snprintf(variable, sizeof(variable), "RPC_TLS_DIR=%s/certs", folder);
    start_with((struct rpc_tls){ca, own});
}

static void
stop_tls(void)
{
    char command[256];

    stop();
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(depotctl_tls, .init = start_tls, .fini = stop_tls, .timeout = 120);

static void
expect_health(int code, const char *environment, const char *name)
{
    char arguments[128];

    snprintf(arguments, sizeof(arguments), "--timeout-ms 3000 health %s %s", address, name);
    cr_assert_eq(ctl(environment, arguments), code, "%s %s: %s", environment, name, said);
}

Test(depotctl_tls, a_folder_of_certificates_is_all_it_takes)
{
    expect(0, variable, "--token good", VEHICLES);
    expect_health(0, variable, "inventory");
    cr_assert_str_eq(said, "SERVING\n");
    expect_health(0, variable, "depot.inventory.v1.InventoryService");
}

Test(depotctl_tls, whose_certificate_it_is_must_be_said)
{
    expect_health(64, variable, "");
    expect_health(69, variable, "accounts");
}

/* As in a container, where there is no other. */
Test(depotctl_tls, a_service_s_own_certificate_will_do)
{
    char command[256], environment[128];

    snprintf(command, sizeof(command), "rm %s/certs/client.pem", folder);
    cr_assert_eq(system(command), 0);
    expect_health(64, variable, "inventory");
    snprintf(environment, sizeof(environment), "%s SERVICE=inventory", variable);
    expect_health(0, environment, "inventory");
}
