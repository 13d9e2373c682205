#include "config.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

#define AT(member) offsetof(struct gateway_config, member)

static const struct config_item items[] = {
    {"GATEWAY_HOST", CONFIG_STRING, "127.0.0.1", 0, 0, "",
     "The address or name to listen on; 0.0.0.0 or :: for every interface.", false, AT(host)},
    {"GATEWAY_PORT", CONFIG_INT, "8080", 0, 65535, "",
     "The port for clients; 0: any free one, see the line `started` in the log.", false, AT(port)},
    {"ADMIN_PORT", CONFIG_INT, "0", 0, 65535, "",
     "Where /livez, /readyz and /metrics are served, and then only there; 0: on GATEWAY_PORT.",
     false, AT(admin_port)},
    {"PUBLIC_URL", CONFIG_STRING, NULL, 0, 0, "",
     "What clients put before a path, such as https://api.example.org; makes Location and Link "
     "absolute. Links in bodies are always absolute: unless set, for GATEWAY_HOST and its port.",
     false, AT(public_url)},
    {"REQUEST_TIMEOUT_MS", CONFIG_INT, "5000", 10, 600000, "ms",
     "The time for one request; the header field Request-Timeout may shorten it.", false,
     AT(request_timeout_ms)},
    {"MAX_CONNECTIONS", CONFIG_INT, "8192", 1, 1000000, "", "Connections of clients at one time.",
     false, AT(max_connections)},
    {"MAX_CONNECTIONS_PER_ADDRESS", CONFIG_INT, "2048", 1, 1000000, "",
     "Connections of one address (IPv6: one /64 network); trusted proxies are not bound by it.",
     false, AT(max_connections_per_address)},
    {"TRUSTED_PROXIES", CONFIG_STRING, NULL, 0, 0, "",
     "Addresses and networks, such as 10.0.0.0/8, whose X-Forwarded-For is believed.", false,
     AT(trusted_proxies)},
    {"CORS_ORIGINS", CONFIG_STRING, NULL, 0, 0, "",
     "Web sites whose scripts may call, such as https://app.example.org, or * for all; none unless "
     "set.",
     false, AT(cors_origins)},
    {"RATE_LIMIT", CONFIG_STRING, "10000/10", 0, 0, "",
     "What one client may ask for: requests/seconds, or off. A client is an address (IPv6: one /64 "
     "network).",
     false, AT(rate_limit)},
    {"DOCS_DIR", CONFIG_STRING, NULL, 0, 0, "",
     "The folder of the page at /docs, as deploy/docs-ui.sh makes it; without it there is no page.",
     false, AT(docs_dir)},
};

enum { N_ITEMS = sizeof(items) / sizeof(items[0]) };

enum { SHARED_MAX = 16 };

/* The table with the settings that processes share, and one more per service. */
struct table {
    struct config_item items[N_ITEMS + SHARED_MAX + GATEWAY_SERVICES_MAX];
    size_t n, services_at;
};

static char *
service_setting(const struct pb_service *service)
{
    size_t bytes = strlen(service->short_name) + sizeof("_ADDRESSES");
    char *name = malloc(bytes);

    ASSERT(name != NULL);
    snprintf(name, bytes, "%s_ADDRESSES", service->short_name);
    for (char *at = name; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    return name;
}

/* Adds settings of a struct that stands at `offset`. */
static void
table_share(struct table *self, const struct config_item *shared, size_t n, size_t offset)
{
    for (size_t i = 0; i < n; i++) {
        self->items[self->n] = shared[i];
        self->items[self->n++].offset += offset;
    }
}

static void
table_make(struct table *self, const struct http_contract *contract)
{
    memcpy(self->items, items, sizeof(items));
    self->n = N_ITEMS;
    ASSERT(auth_config_n_common + rpc_config_n_items <= SHARED_MAX);
    table_share(self, auth_config_items, auth_config_n_common, AT(auth));
    table_share(self, rpc_config_items, rpc_config_n_items, AT(rpc));
    self->services_at = self->n;
    for (size_t i = 0; contract->services[i] != NULL; i++) {
        ASSERT(i < GATEWAY_SERVICES_MAX);
        self->items[self->n++] = (struct config_item){
            .name = service_setting(contract->services[i]),
            .type = CONFIG_STRING,
            .unit = "",
            .text = "The replicas of the service: tcp://host:port, separated by commas. Required.",
            .offset = AT(addresses) + i * sizeof(const char *),
        };
    }
}

static void
table_drop(struct table *self)
{
    for (size_t i = self->services_at; i < self->n; i++) {
        free((char *)self->items[i].name);
    }
}

/* The service that gives out tokens is one of the contract's. */
static const char authority_setting[] = "ACCOUNTS_ADDRESSES";

static enum status
check_addresses(const struct table *table, struct gateway_config *self, struct error *error)
{
    for (size_t i = table->services_at; i < table->n; i++) {
        const char *addresses = self->addresses[i - table->services_at];

        if (addresses == NULL) {
            return error_set(error, STATUS_INVALID_ARGUMENT,
                             "%s must be set, such as tcp://127.0.0.1:7001", table->items[i].name);
        }
        if (strcmp(table->items[i].name, authority_setting) == 0) {
            self->auth.accounts_addresses = addresses;
        }
    }
    return STATUS_OK;
}

static enum status
check_auth(const struct gateway_config *self, struct error *error)
{
    if (self->auth.enforced && self->auth.accounts_addresses == NULL) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "AUTH_MODE is on: the contract must have the service of %s",
                         authority_setting);
    }
    return auth_settings_check(&self->auth, "GATEWAY_HOST", self->host, error);
}

/* It stands before paths in header fields: no path's slash behind it, nothing unprintable in it. */
static enum status
check_public_url(const char *url, struct error *error)
{
    bool good = url == NULL || strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;

    for (const char *at = url; good && at != NULL && *at != '\0'; at++) {
        good = *at > 0x20 && *at < 0x7f && strchr("?#\"<>", *at) == NULL;
    }
    if (good && url != NULL) {
        good = url[strlen(url) - 1] != '/';
    }
    return good ? STATUS_OK
                : error_set(error, STATUS_INVALID_ARGUMENT,
                            "PUBLIC_URL must be an http or https URL without a slash at its end, "
                            "not \"%s\"",
                            url);
}

static enum status
check(const struct table *table, struct gateway_config *self, struct error *error)
{
    enum status status = check_addresses(table, self, error);

    if (status == STATUS_OK) {
        status = check_auth(self, error);
    }
    if (status == STATUS_OK) {
        status = check_public_url(self->public_url, error);
    }
    if (status == STATUS_OK) {
        status = networks_parse("TRUSTED_PROXIES", self->trusted_proxies, &self->trusted, error);
    }
    if (status == STATUS_OK) {
        status = origins_parse("CORS_ORIGINS", self->cors_origins, &self->origins, error);
    }
    if (status == STATUS_OK) {
        status = rate_policy_parse("RATE_LIMIT", self->rate_limit, &self->rate, error);
    }
    if (status == STATUS_OK && self->admin_port != 0 && self->admin_port == self->port) {
        status = error_set(error, STATUS_INVALID_ARGUMENT,
                           "ADMIN_PORT and GATEWAY_PORT must differ, both are %d", self->port);
    }
    if (status == STATUS_OK) {
        status = rpc_settings_check(&self->rpc, "gateway", error);
    }
    return status;
}

char *
gateway_config_base_url(const struct gateway_config *self, int port)
{
    bool everywhere = strcmp(self->host, "0.0.0.0") == 0 || strcmp(self->host, "::") == 0;
    const char *host = everywhere ? "localhost" : self->host;
    bool bare_ipv6 = strchr(host, ':') != NULL && host[0] != '[';
    char *url = NULL;
    int length;

    length = self->public_url != NULL
                 ? asprintf(&url, "%s", self->public_url)
                 : asprintf(&url, bare_ipv6 ? "http://[%s]:%d" : "http://%s:%d", host, port);
    ASSERT(length >= 0);
    return url;
}

static void
free_strings(const struct table *table, struct gateway_config *self)
{
    config_free(table->items, table->n, self);
    self->auth.accounts_addresses = NULL;
    rpc_settings_fini(&self->rpc);
}

void
gateway_config_free(const struct http_contract *contract, struct gateway_config *self)
{
    struct table table;

    table_make(&table, contract);
    free_strings(&table, self);
    table_drop(&table);
}

enum status
gateway_config_load(const struct http_contract *contract, struct gateway_config *out,
                    struct error *error)
{
    struct table table;
    enum status status;

    *out = (struct gateway_config){0};
    table_make(&table, contract);
    status = config_load(table.items, table.n, out, error);
    if (status == STATUS_OK) {
        status = check(&table, out, error);
    }
    if (status != STATUS_OK) {
        free_strings(&table, out);
    }
    table_drop(&table);
    return status;
}

void
gateway_config_help(const struct http_contract *contract, FILE *out)
{
    struct table table;

    table_make(&table, contract);
    config_help(table.items, table.n, out);
    table_drop(&table);
}

void
gateway_config_markdown(const struct http_contract *contract, FILE *out)
{
    struct table table;

    table_make(&table, contract);
    config_markdown(table.items, table.n, out);
    table_drop(&table);
}

void
gateway_config_log(const struct http_contract *contract, const struct gateway_config *self,
                   struct log_line *line)
{
    struct table table;

    table_make(&table, contract);
    config_log(table.items, table.n, self, line);
    table_drop(&table);
}
