/* Connections over TLS, to a server of the test's own with a certificate that openssl has made. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/conn_pg.h"
#include "support/port.h"
#include "support/process.h"
#include "support/server.h"

static struct server server;
static int port;

/* Runs a command in the server's folder. */
static void __attribute__((format(printf, 1, 2))) shell(const char *format, ...)
{
    char command[2048];
    int length = snprintf(command, sizeof(command), "cd %s && exec 2>>log && ", server.folder);
    va_list args;

    va_start(args, format);
    vsnprintf(command + length, sizeof(command) - (size_t)length, format, args);
    va_end(args);
    cr_assert_eq(system(command), 0, "%s", command);
}

static void
make_authority(const char *name)
{
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
          "-subj /CN=%s -keyout %s.key -out %s.pem",
          name, name, name);
}

/* server.pem and server.key, which PostgreSQL wants to be its user's alone. */
static void
make_certificate(const char *alternative)
{
    struct stat data;

    cr_assert_eq(stat(server.data, &data), 0);
    shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=db "
          "-keyout server.key -out server.csr && echo subjectAltName=%s >server.ext && "
          "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
          "-extfile server.ext -out server.pem && chmod 600 server.key && chown %d:%d server.key "
          "server.pem",
          alternative, (int)data.st_uid, (int)data.st_gid);
}

/* `rules` is a setting, or NULL. */
static void
start(bool tls, const char *rules)
{
    char at[32], certificate[128], key[128];
    const char *settings[] = {
        "listen_addresses=127.0.0.1", at, tls ? "ssl=on" : NULL, certificate, key, rules, NULL};

    snprintf(at, sizeof(at), "port=%d", port);
    snprintf(certificate, sizeof(certificate), "ssl_cert_file=%s/server.pem", server.folder);
    snprintf(key, sizeof(key), "ssl_key_file=%s/server.key", server.folder);
    server_start(&server, settings);
}

/* What a service is told by POSTGRES_*. */
static struct db_options
options_of(const char *host, const char *mode)
{
    static char root[128];

    snprintf(root, sizeof(root), "%s/ca.pem", server.folder);
    return (struct db_options){.host = host,
                               .port = port,
                               .user = "depot",
                               .password = "hunter2",
                               .name = "depot",
                               .ssl_mode = mode,
                               .ssl_root_cert = root};
}

static void
set_password(void)
{
    struct db_options options = options_of(server.sockets, NULL);
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};

    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    PQclear(PQexec(db_conn_pg(conn), "ALTER ROLE depot PASSWORD 'hunter2'"));
    db_close(conn);
}

/* Plain at first: its folders are there then, and whose they are. */
static void
set_up(void)
{
    port = test_free_port();
    server_make(&server);
    start(false, NULL);
    set_password();
    make_authority("ca");
}

static void
start_with_certificate(const char *alternative)
{
    make_certificate(alternative);
    server_kill(&server);
    start(true, NULL);
}

static void
tear_down(void)
{
    server_remove(&server);
}

TestSuite(ssl, .init = set_up, .fini = tear_down);

static void
connects(const struct db_options *options, bool encrypted)
{
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};

    cr_assert_eq(db_connect(options, &conn, &failure, &error), STATUS_OK, "%s %s: %s",
                 options->host, options->ssl_mode, error.text);
    cr_assert_eq(PQsslInUse(db_conn_pg(conn)), encrypted);
    db_close(conn);
}

/* No waiting mends it, and one line says why. */
static void
refused(const struct db_options *options, const char *part)
{
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};

    cr_assert_eq(db_connect(options, &conn, &failure, &error), STATUS_INVALID_ARGUMENT, "%s",
                 error.text);
    cr_assert_eq(failure, DB_FAILURE_FATAL);
    cr_assert_not_null(strstr(error.text, part), "%s", error.text);
    cr_assert_null(strchr(error.text, '\n'), "%s", error.text);
    cr_assert_null(strstr(error.text, "hunter2"), "%s", error.text);
}

Test(ssl, a_certificate_for_the_host_is_good_for_every_mode)
{
    static const char *const modes[] = {"prefer", "require", "verify-ca", "verify-full"};
    struct db_options options;

    start_with_certificate("DNS:localhost");
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        options = options_of("localhost", modes[i]);
        connects(&options, true);
    }
    options = options_of("localhost", "disable");
    connects(&options, false);
}

Test(ssl, a_certificate_for_another_name_is_refused_by_verify_full)
{
    struct db_options options;

    start_with_certificate("DNS:db.example.com");
    options = options_of("localhost", "verify-full");
    refused(&options, "server certificate for \"db.example.com\" does not match host name "
                      "\"localhost\"");
    options = options_of("localhost", "verify-ca");
    connects(&options, true);
}

Test(ssl, another_authoritys_certificate_is_refused)
{
    struct db_options options;
    char root[128];

    start_with_certificate("DNS:localhost");
    make_authority("other");
    snprintf(root, sizeof(root), "%s/other.pem", server.folder);
    options = options_of("localhost", "verify-ca");
    options.ssl_root_cert = root;
    refused(&options, "certificate verify failed");
    snprintf(root, sizeof(root), "%s/nix.pem", server.folder);
    refused(&options, "nix.pem\" does not exist");
}

Test(ssl, a_server_in_the_clear_is_refused_by_require)
{
    static const char *const modes[] = {"require", "verify-ca", "verify-full"};
    struct db_options options;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        options = options_of("localhost", modes[i]);
        refused(&options, "server does not support SSL, but SSL was required");
    }
    options = options_of("localhost", "prefer");
    connects(&options, false);
}

Test(ssl, a_url_has_modes_of_its_own)
{
    char url[512];
    struct db_options options = {.url = url};

    start_with_certificate("DNS:db.example.com");
    snprintf(
        url, sizeof(url),
        "postgresql://depot:hunter2@localhost:%d/depot?sslmode=verify-ca&sslrootcert=%s/ca.pem",
        port, server.folder);
    connects(&options, true);
    snprintf(
        url, sizeof(url),
        "postgresql://depot:hunter2@localhost:%d/depot?sslmode=verify-full&sslrootcert=%s/ca.pem",
        port, server.folder);
    refused(&options, "does not match host name");
}

/* The rules of docker-compose.yml: what its services insist on, the server does, too. */
Test(ssl, who_does_not_encrypt_is_refused_by_the_rules_of_containers)
{
    char rules[128];
    struct db_options options;

    make_certificate("DNS:localhost");
    shell("install -m 644 " DEPOT_SOURCE_FOLDER "/deploy/pg_hba.conf .");
    snprintf(rules, sizeof(rules), "hba_file=%s/pg_hba.conf", server.folder);
    server_kill(&server);
    start(true, rules);
    options = options_of("localhost", "verify-full");
    connects(&options, true);
    options.password = "hunter3";
    refused(&options, "password authentication failed");
    options = options_of("localhost", "disable");
    refused(&options, "no encryption");
    options = options_of(server.sockets, NULL);
    options.password = NULL;
    connects(&options, false);
}
