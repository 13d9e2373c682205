/* nng 1.5.2 can stop dialling; the client does not rely on it. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "rpc/client_parts.h"

static struct service service;

Test(redial, dialer_that_stopped_is_replaced)
{
    struct rpc_server *server = server_start(&service, 1);
    struct rpc_client *client = client_start(rpc_server_url(server));
    struct trial trial;

    run_until_serving(client, 1);
    /* As if it had never come back from its last connection. */
    nng_dialer_close(client->replicas[0].dialer);
    run_until_serving(client, 0);
    trial_get(&trial, 1, "r");
    settle_one(client, &trial);
    cr_assert_str_eq(trial.reason, "SERVICE_DOWN");
    client->replicas[0].redial_us = clock_us(); /* as if nothing had been heard for that long */
    run_until_serving(client, 1);
    trial_get(&trial, 1, "r");
    settle_one(client, &trial);
    cr_assert_eq(trial.status, STATUS_OK);
    rpc_client_close(client);
    rpc_server_close(server, PATIENCE_MS);
}

Test(redial, server_that_comes_late_is_found)
{
    struct rpc_server *server = server_start(&service, 1);
    struct rpc_client *client;
    char url[64];

    strcpy(url, rpc_server_url(server));
    rpc_server_close(server, PATIENCE_MS);
    client = client_start(url);
    client->replicas[0].redial_us = clock_us(); /* likewise: it is dialled anew, still in vain */
    run_for(client, 500);
    server = server_start_at(&service, 1, url);
    run_until_serving(client, 1);
    rpc_client_close(client);
    rpc_server_close(server, PATIENCE_MS);
}
