/* tls+tcp:// with one private CA, certificates required both ways. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "support/temp.h"

static char folder[64];
static struct service service;
static struct rpc_server *server;

static void
run(const char *format, ...)
{
    char command[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    cr_assert_eq(system(command), 0, "%s", command);
}

static void
make_ca(const char *name)
{
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=%s-ca -keyout %s/%s-ca.key -out %s/%s-ca.pem 2>%s/log",
        name, folder, name, folder, name, folder);
}

/* One file with certificate and key, as a process gets it; good for `days`; negative: it is over.
 */
static void
make_certificate(const char *ca, const char *file, const char *name, int days)
{
    static int serial;

    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=%s "
        "-keyout %s/%s.key -out %s/%s.csr 2>%s/log",
        name, folder, file, folder, file, folder);
    run("printf 'subjectAltName=DNS:%s' > %s/extensions", name, folder);
    run("openssl x509 -req -days %d -in %s/%s.csr -CA %s/%s-ca.pem -CAkey %s/%s-ca.key "
        "-set_serial %d -extfile %s/extensions -out %s/%s.crt 2>%s/log",
        days, folder, file, folder, ca, folder, ca, ++serial, folder, folder, file, folder);
    run("cat %s/%s.crt %s/%s.key > %s/%s.pem", folder, file, folder, file, folder, file);
}

static void
setup(void)
{
    temp_template(folder, sizeof(folder), "rpc-tls");
    cr_assert_not_null(mkdtemp(folder));
    make_ca("our");
    make_ca("other");
    make_certificate("our", "server", "inventory", 2);
    make_certificate("our", "client", "gateway", 2);
    make_certificate("our", "accounts", "accounts", 2);
    make_certificate("our", "old-server", "inventory", -1);
    make_certificate("our", "old-client", "gateway", -1);
    make_certificate("other", "stranger", "inventory", 2);
}

static void
teardown(void)
{
    run("rm -rf %s", folder);
}

TestSuite(tls, .init = setup, .fini = teardown);

struct files {
    char ca[96], own[96];
};

static struct rpc_tls
tls_of(struct files *files, const char *ca, const char *own)
{
    snprintf(files->ca, sizeof(files->ca), "%s/%s-ca.pem", folder, ca);
    snprintf(files->own, sizeof(files->own), "%s/%s.pem", folder, own);
    return (struct rpc_tls){files->ca, files->own};
}

static void
serve(const char *own)
{
    static struct files files;
    struct rpc_server_options options = {
        .listen_url = "tcp://127.0.0.1:0", /* the files make it TLS */
        .workers = 1,
        .services =
            (const struct pb_service *const[]){&depot__inventory__v1__inventory_service__service,
                                               NULL},
        .tls = tls_of(&files, "our", own),
    };
    struct rpc_server *plain = server_start(&service, 1);
    struct error error;

    rpc_server_close(plain, PATIENCE_MS);
    cr_assert_eq(rpc_server_open(&options, &server, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(strncmp(rpc_server_url(server), "tls+tcp://127.0.0.1:", 20), 0);
    cr_assert_neq(atoi(rpc_server_url(server) + 20), 0);
}

static struct rpc_client *
call_in(const char *addresses, const char *ca, const char *own)
{
    struct files files;
    struct rpc_client_options options = {
        .service = &depot__inventory__v1__inventory_service__service, .addresses = addresses};
    struct rpc_client *client;
    struct error error;

    if (ca != NULL) {
        options.tls = tls_of(&files, ca, own);
    }
    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_OK, "%s", error.text);
    return client;
}

/* What a bad request gets, so that nothing depends on what is behind the server. */
static void
expect(struct rpc_client *client, const char *reason)
{
    struct trial trial;

    trial_create(&trial, 1, "r");
    trial.allocation.end_time = trial.allocation.start_time;
    settle_one(client, &trial);
    cr_assert_str_eq(trial.reason, reason);
    rpc_client_close(client);
}

static bool
is_serving(struct rpc_client *client, void *closure)
{
    (void)closure;
    return rpc_client_serving(client);
}

/*
 * Before anybody is refused: a server of nng 1.5.2 may accept no more afterwards, once in some
 * thousand refused handshakes.
 */
static void
expect_welcome(void)
{
    struct rpc_client *client = call_in(rpc_server_url(server), "our", "client");

    cr_assert_eq(run_until(client, is_serving, NULL), true);
    expect(client, "PERIOD_EMPTY");
}

Test(tls, both_ways)
{
    serve("server");
    expect_welcome();
    rpc_server_close(server, PATIENCE_MS);
}

Test(tls, peers_of_another_ca_get_nothing)
{
    char plain[64];

    serve("server");
    expect_welcome();
    /* The client is a stranger to the server; the server to the client; both. */
    expect(call_in(rpc_server_url(server), "our", "stranger"), "SERVICE_DOWN");
    expect(call_in(rpc_server_url(server), "other", "client"), "SERVICE_DOWN");
    expect(call_in(rpc_server_url(server), "other", "stranger"), "SERVICE_DOWN");
    snprintf(plain, sizeof(plain), "tcp://%s", rpc_server_url(server) + strlen("tls+tcp://"));
    expect(call_in(plain, NULL, NULL), "SERVICE_DOWN");
    rpc_server_close(server, PATIENCE_MS);
}

static int
s_client(const char *more)
{
    char command[512];

    /* Two bytes of luck: what a server of ours says first, if it says anything, is its protocol. */
    snprintf(command, sizeof(command),
             "printf '\\000SP\\000\\000\\060\\000\\000' | timeout 5 openssl s_client -quiet "
             "-no_ign_eof -tls1_2 -connect %s %s 2>/dev/null | grep -q SP",
             rpc_server_url(server) + strlen("tls+tcp://"), more);
    return system(command);
}

Test(tls, peers_without_certificate_get_nothing)
{
    char own[192];

    serve("server");
    snprintf(own, sizeof(own), "-cert %s/client.crt -key %s/client.key", folder, folder);
    cr_assert_eq(s_client(own), 0, "the handshake works with a certificate");
    cr_assert_neq(s_client(""), 0);
    snprintf(own, sizeof(own), "-cert %s/stranger.crt -key %s/stranger.key", folder, folder);
    cr_assert_neq(s_client(own), 0);
    rpc_server_close(server, PATIENCE_MS);
}

Test(tls, bad_files_are_named)
{
    struct files files;
    struct rpc_client_options options = {.service =
                                             &depot__inventory__v1__inventory_service__service,
                                         .addresses = "tls+tcp://127.0.0.1:1",
                                         .tls = tls_of(&files, "our", "nobody")};
    struct rpc_client *client;
    struct error error;

    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "nobody.pem"));
    options.tls = tls_of(&files, "no", "client");
    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "no-ca.pem"));
    options.tls = tls_of(&files, "our", "client");
    options.tls.ca_file = NULL;
    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_INVALID_ARGUMENT);
    options.tls = (struct rpc_tls){0};
    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "RPC_TLS_DIR"));
}

/* A service that was broken into cannot play another one. */
Test(tls, a_certificate_is_for_one_role)
{
    struct files files;
    struct rpc_client_options options = {.service =
                                             &depot__inventory__v1__inventory_service__service,
                                         .tls = tls_of(&files, "our", "client"),
                                         .peer_name = "accounts"};
    struct rpc_client *client;
    struct error error;

    serve("accounts");
    expect(call_in(rpc_server_url(server), "our", "client"), "SERVICE_DOWN");
    options.addresses = rpc_server_url(server);
    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_OK);
    expect(client, "PERIOD_EMPTY");
    rpc_server_close(server, PATIENCE_MS);
}

Test(tls, certificates_that_are_over_are_none)
{
    serve("old-server");
    expect(call_in(rpc_server_url(server), "our", "client"), "SERVICE_DOWN");
    rpc_server_close(server, PATIENCE_MS);
    serve("server");
    expect_welcome();
    expect(call_in(rpc_server_url(server), "our", "old-client"), "SERVICE_DOWN");
    rpc_server_close(server, PATIENCE_MS);
}

/* One setting for all: whatever the addresses say, nothing goes out in the clear. */
Test(tls, plain_addresses_are_of_tls_where_there_are_certificates)
{
    struct rpc_client *client;
    char plain[64];

    serve("server");
    snprintf(plain, sizeof(plain), "tcp://%s", rpc_server_url(server) + strlen("tls+tcp://"));
    client = call_in(plain, "our", "client");
    cr_assert_eq(run_until(client, is_serving, NULL), true);
    expect(client, "PERIOD_EMPTY");
    rpc_server_close(server, PATIENCE_MS);
}

/* The other way round: a client with certificates says nothing to a server without. */
Test(tls, a_plain_server_gets_nothing)
{
    struct rpc_server *plain = server_start(&service, 1);

    expect(call_in(rpc_server_url(plain), "our", "client"), "SERVICE_DOWN");
    cr_assert_eq(service.calls, 0);
    rpc_server_close(plain, PATIENCE_MS);
}
