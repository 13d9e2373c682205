#include "gateway/config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
clean(void)
{
    clearenv();
    setenv("ACCOUNTS_ADDRESSES", "tcp://127.0.0.1:7000", 1);
    setenv("INVENTORY_ADDRESSES", "tcp://127.0.0.1:7001", 1);
}

TestSuite(config, .init = clean);

static void
expect_refused(const char *name, const char *value)
{
    struct gateway_config config;
    struct error error;

    setenv(name, value, 1);
    cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_INVALID_ARGUMENT,
                 "%s=%s", name, value);
    cr_assert_not_null(strstr(error.text, name), "%s", error.text);
    unsetenv(name);
}

Test(config, defaults)
{
    struct gateway_config config;
    struct error error;

    cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_OK, "%s", error.text);
    cr_assert_str_eq(config.host, "127.0.0.1");
    cr_assert_eq(config.port, 8080);
    cr_assert_eq(config.admin_port, 0);
    cr_assert_null(config.public_url);
    cr_assert_eq(config.request_timeout_ms, 5000);
    cr_assert_eq(config.rpc.log_level, LOG_INFO);
    cr_assert(config.rpc.log_requests);
    cr_assert_eq(config.trusted.n, 0);
    cr_assert_eq(config.origins.n, 0);
    cr_assert_not(config.origins.any);
    cr_assert_gt(config.rate.requests, 0);
    cr_assert_str_eq(config.addresses[0], "tcp://127.0.0.1:7000");
    cr_assert_str_eq(config.addresses[1], "tcp://127.0.0.1:7001");
    cr_assert(config.auth.enforced);
    cr_assert_not(config.auth.public_read);
    cr_assert_eq(config.auth.revocation_max_age_s, 60);
    cr_assert_str_eq(config.auth.accounts_addresses, "tcp://127.0.0.1:7000");
    gateway_config_free(&http_contract, &config);
}

Test(config, every_service_needs_addresses)
{
    struct gateway_config config;
    struct error error;

    unsetenv("INVENTORY_ADDRESSES");
    cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "INVENTORY_ADDRESSES"));
    clean();
    unsetenv("ACCOUNTS_ADDRESSES");
    setenv("AUTH_MODE", "off", 1); /* its methods are served all the same */
    cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "ACCOUNTS_ADDRESSES"));
}

Test(config, without_authorisation_only_this_machine_is_served)
{
    static const char *const local[] = {"127.0.0.1", "127.8.9.10", "::1", "localhost"};
    struct gateway_config config;
    struct error error;

    setenv("AUTH_MODE", "off", 1);
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        setenv("GATEWAY_HOST", local[i], 1);
        cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_OK, "%s",
                     error.text);
        cr_assert_not(config.auth.enforced);
        gateway_config_free(&http_contract, &config);
    }
    expect_refused("GATEWAY_HOST", "0.0.0.0");
    expect_refused("GATEWAY_HOST", "::");
    expect_refused("GATEWAY_HOST", "192.0.2.1");
    expect_refused("GATEWAY_HOST", "depot.example");
    expect_refused("APP_ENV", "production");
    setenv("AUTH_MODE", "on", 1);
    setenv("GATEWAY_HOST", "0.0.0.0", 1);
    setenv("APP_ENV", "production", 1);
    cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_OK, "%s", error.text);
    gateway_config_free(&http_contract, &config);
}

Test(config, bad_values_are_named)
{
    expect_refused("GATEWAY_PORT", "65536");
    expect_refused("GATEWAY_PORT", "http");
    expect_refused("ADMIN_PORT", "8080");
    expect_refused("REQUEST_TIMEOUT_MS", "0");
    expect_refused("MAX_CONNECTIONS", "0");
    expect_refused("TRUSTED_PROXIES", "10.0.0.0/99");
    expect_refused("LOG_LEVEL", "loud");
    expect_refused("LOG_REQUESTS", "maybe");
    expect_refused("RATE_LIMIT", "0/1");
    expect_refused("CORS_ORIGINS", "example.org");
    expect_refused("CORS_ORIGINS", "https://a.example, *");
    expect_refused("PUBLIC_URL", "example.org");
    expect_refused("PUBLIC_URL", "ftp://example.org");
    expect_refused("PUBLIC_URL", "https://example.org/");
    expect_refused("PUBLIC_URL", "https://example.org\r\nX: y");
    expect_refused("PUBLIC_URL", "https://example.org/?a");
    expect_refused("AUTH_MODE", "perhaps");
    expect_refused("APP_ENV", "prod");
    expect_refused("REVOCATION_MAX_AGE", "0");
    expect_refused("RPC_TLS_DIR", "/nowhere");
}

Test(config, good_values_are_taken)
{
    struct gateway_config config;
    struct error error;

    setenv("PUBLIC_URL", "https://example.org/depot", 1);
    setenv("TRUSTED_PROXIES", "10.0.0.0/8, ::1", 1);
    setenv("LOG_LEVEL", "warn", 1);
    setenv("GATEWAY_PORT", "0", 1);
    cr_assert_eq(gateway_config_load(&http_contract, &config, &error), STATUS_OK, "%s", error.text);
    cr_assert_str_eq(config.public_url, "https://example.org/depot");
    cr_assert_eq(config.trusted.n, 2);
    cr_assert_eq(config.rpc.log_level, LOG_WARN);
    cr_assert_eq(config.port, 0);
    gateway_config_free(&http_contract, &config);
}

static void
expect_base_url(const char *host, const char *public_url, const char *wanted)
{
    const struct gateway_config config = {.host = host, .public_url = public_url};
    char *url = gateway_config_base_url(&config, 8081);

    cr_assert_str_eq(url, wanted);
    free(url);
}

Test(config, links_lead_where_the_gateway_listens_unless_told)
{
    expect_base_url("127.0.0.1", NULL, "http://127.0.0.1:8081");
    expect_base_url("::1", NULL, "http://[::1]:8081");
    expect_base_url("0.0.0.0", NULL, "http://localhost:8081");
    expect_base_url("::", NULL, "http://localhost:8081");
    expect_base_url("depot.example", NULL, "http://depot.example:8081");
    expect_base_url("0.0.0.0", "https://x.example/d", "https://x.example/d");
}

Test(config, help_names_every_setting)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    gateway_config_help(&http_contract, out);
    gateway_config_markdown(&http_contract, out);
    fclose(out);
    cr_assert_not_null(strstr(text, "INVENTORY_ADDRESSES"));
    cr_assert_not_null(strstr(text, "| `GATEWAY_PORT` |"));
    cr_assert_not_null(strstr(text, "| `AUTH_MODE` |"));
    cr_assert_not_null(strstr(text, "| `ACCOUNTS_ADDRESSES` |"));
    cr_assert_null(
        strstr(strstr(text, "| `ACCOUNTS_ADDRESSES` |") + 1, "| `ACCOUNTS_ADDRESSES` |"));
    free(text);
}
