#include "db/conninfo.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/host.h"

/*
 * What the platform relies on in every session, whatever the server's, the database's or the role's
 * own defaults are: the forms in which values are read as text, one isolation level, UTC.
 */
#define SESSION_FORMS                                                                              \
    "-c timezone=UTC -c datestyle=ISO,MDY -c intervalstyle=postgres -c bytea_output=hex "          \
    "-c extra_float_digits=1 -c standard_conforming_strings=on "                                   \
    "-c default_transaction_isolation=read\\ committed"

/* Bounds for a session that nobody watches; a batch sets a tighter statement_timeout of its own. */
#define SESSION_TIMEOUTS                                                                           \
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"

/* Ours, unless the URL says otherwise: a server that vanished is noticed within 15 s. */
static const struct {
    const char *keyword, *value;
} defaults[] = {
    {"keepalives", "1"},       {"keepalives_idle", "10"},     {"keepalives_interval", "5"},
    {"keepalives_count", "3"}, {"tcp_user_timeout", "15000"},
};

static bool
is_uri(const char *url)
{
    return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

/*
 * A password with a bare '@' or '/' makes libpq take a part of it for a host or a port, and name it
 * in its complaints. A URI has at most one '@', before the first '/' of its path.
 */
static bool
splits_password(const char *url)
{
    const char *authority = strstr(url, "://") + 3;
    size_t length = strcspn(authority, "?");
    const char *at = memchr(authority, '@', length);
    const char *slash = memchr(authority, '/', length);

    if (at == NULL) {
        return false;
    }
    return (slash != NULL && slash < at) ||
           memchr(at + 1, '@', length - (size_t)(at + 1 - authority)) != NULL;
}

/* libpq's complaint up to where it begins to quote. */
static enum status
refuse(const char *complaint, struct error *error)
{
    const char *shown = complaint;
    int length;

    if (shown == NULL || strncmp(shown, "missing \"=\"", 11) == 0) {
        shown = "a \"=\" is missing\n";
        length = (int)strcspn(shown, "\n");
    } else {
        length = (int)strcspn(shown, "\"\n");
    }
    while (length > 0 && strchr(" :(", shown[length - 1]) != NULL) {
        length--;
    }
    return error_set(error, STATUS_INVALID_ARGUMENT,
                     "DATABASE_URL is neither postgresql://user:password@host:port/name nor "
                     "key=value pairs: %.*s",
                     length, shown);
}

static PQconninfoOption *
parse_url(const char *url, struct error *error)
{
    char *complaint = NULL;
    PQconninfoOption *info;

    if (is_uri(url) && splits_password(url)) {
        (void)error_set(error, STATUS_INVALID_ARGUMENT,
                        "DATABASE_URL: write '@' and '/' in the user or password as %%40 and %%2F");
        return NULL;
    }
    if (!is_uri(url) && strchr(url, '=') == NULL) {
        (void)refuse(NULL, error);
        return NULL;
    }
    info = PQconninfoParse(url, &complaint);
    if (info == NULL) {
        (void)refuse(complaint, error);
    }
    PQfreemem(complaint);
    return info;
}

static void
put_pair(struct buf *text, const char *keyword, const char *value)
{
    if (value == NULL) {
        return;
    }
    buf_printf(text, "%s='", keyword);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\') {
            buf_putc(text, '\\');
        }
        buf_putc(text, *value);
    }
    buf_puts(text, "' ");
}

static PQconninfoOption *
parse_parts(const struct db_options *options)
{
    struct buf text = BUF_INIT;
    PQconninfoOption *info;

    put_pair(&text, "host", options->host);
    put_pair(&text, "user", options->user);
    put_pair(&text, "password", options->password);
    put_pair(&text, "dbname", options->name);
    put_pair(&text, "sslmode", options->ssl_mode);
    put_pair(&text, "sslrootcert", options->ssl_root_cert);
    if (options->port != 0) {
        buf_printf(&text, "port=%d", options->port);
    }
    buf_putc(&text, '\0');
    info = PQconninfoParse(text.data, NULL);
    ASSERT(info != NULL);
    buf_fini(&text);
    return info;
}

PQconninfoOption *
db_conninfo_parse(const struct db_options *options, struct error *error)
{
    return options->url == NULL ? parse_parts(options) : parse_url(options->url, error);
}

const char *
db_conninfo_value(const PQconninfoOption *info, const char *keyword)
{
    for (; info->keyword != NULL; info++) {
        if (strcmp(info->keyword, keyword) == 0) {
            return info->val;
        }
    }
    return NULL;
}

enum status
db_conninfo_check(const struct db_options *options, struct error *error)
{
    PQconninfoOption *info = db_conninfo_parse(options, error);
    const char *port;
    bool ok;

    if (info == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    port = db_conninfo_value(info, "port");
    ok = port == NULL || strspn(port, "0123456789,") == strlen(port);
    PQconninfoFree(info);
    if (!ok) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "DATABASE_URL: the port is no number");
    }
    return STATUS_OK;
}

/* One of the hosts that libpq takes, between commas. */
static bool
is_here(const char *host, size_t length)
{
    return length == 0 || host[0] == '/' || host[0] == '@' || host_is_loopback(host, length);
}

static bool
are_here(const char *hosts)
{
    for (;;) {
        size_t length = strcspn(hosts, ",");

        if (!is_here(hosts, length)) {
            return false;
        }
        if (hosts[length] == '\0') {
            return true;
        }
        hosts += length + 1;
    }
}

/* As libpq will have it: what is not given comes from its own environment variables. */
static const char *
value_or(const PQconninfoOption *info, const PQconninfoOption *libpqs, const char *keyword,
         const char *otherwise)
{
    const char *value = db_conninfo_value(info, keyword);

    if (value == NULL) {
        value = db_conninfo_value(libpqs, keyword);
    }
    return value == NULL || value[0] == '\0' ? otherwise : value;
}

static enum status
check_private(const PQconninfoOption *info, const PQconninfoOption *libpqs, struct error *error)
{
    const char *mode = value_or(info, libpqs, "sslmode", "prefer");
    const char *host = value_or(info, libpqs, "hostaddr", value_or(info, libpqs, "host", ""));

    if (are_here(host) || strcmp(mode, "require") == 0 || strncmp(mode, "verify-", 7) == 0) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_INVALID_ARGUMENT,
                     "sslmode is %s: with APP_ENV=production the connection to the database at %s "
                     "must be encrypted; set POSTGRES_SSLMODE, or ?sslmode= in DATABASE_URL, to "
                     "verify-full, verify-ca or require",
                     mode, host);
}

enum status
db_conninfo_check_private(const struct db_options *options, struct error *error)
{
    PQconninfoOption *info = db_conninfo_parse(options, error);
    PQconninfoOption *libpqs;
    enum status status;

    if (info == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    libpqs = PQconndefaults();
    ASSERT(libpqs != NULL);
    status = check_private(info, libpqs, error);
    PQconninfoFree(libpqs);
    PQconninfoFree(info);
    return status;
}

static void
put(struct db_conninfo *self, const char *keyword, const char *value)
{
    ASSERT(self->n < DB_CONNINFO_MAX - 1);
    self->keywords[self->n] = keyword;
    self->values[self->n] = value;
    self->n++;
}

/* What the URL gives stays as it is, but for what the platform relies on. */
static void
put_given(struct db_conninfo *self)
{
    for (const PQconninfoOption *item = self->given; item->keyword != NULL; item++) {
        if (item->val != NULL && strcmp(item->keyword, "client_encoding") != 0 &&
            strcmp(item->keyword, "options") != 0) {
            put(self, item->keyword, item->val);
        }
    }
}

static void
put_defaults(struct db_conninfo *self, const char *application_name)
{
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if (db_conninfo_value(self->given, defaults[i].keyword) == NULL) {
            put(self, defaults[i].keyword, defaults[i].value);
        }
    }
    if (application_name != NULL && db_conninfo_value(self->given, "application_name") == NULL) {
        put(self, "application_name", application_name);
    }
    put(self, "client_encoding", "UTF8");
}

/* The server lets the last of equal settings win: the URL's may change our time-outs only. */
static enum status
put_session(struct db_conninfo *self, const char *schema, struct error *error)
{
    const char *given = db_conninfo_value(self->given, "options");
    int length = snprintf(self->session, sizeof(self->session), "%s %s %s%s%s%s", SESSION_TIMEOUTS,
                          given == NULL ? "" : given, SESSION_FORMS,
                          schema == NULL ? "" : " -c search_path=", schema == NULL ? "" : schema,
                          schema == NULL ? "" : ",public");

    if (length < 0 || (size_t)length >= sizeof(self->session)) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "DATABASE_URL: its options are too long");
    }
    put(self, "options", self->session);
    return STATUS_OK;
}

enum status
db_conninfo_init(struct db_conninfo *self, const struct db_options *options, struct error *error)
{
    enum status status = db_conninfo_check(options, error);

    if (status != STATUS_OK) {
        return status;
    }
    *self = (struct db_conninfo){.given = db_conninfo_parse(options, error)};
    put_given(self);
    put_defaults(self, options->application_name);
    status = put_session(self, options->schema, error);
    if (status != STATUS_OK) {
        db_conninfo_fini(self);
    }
    return status;
}

void
db_conninfo_fini(struct db_conninfo *self)
{
    PQconninfoFree(self->given);
    *self = (struct db_conninfo){0};
}
