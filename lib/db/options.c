#include "db/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/log.h"
#include "db/conninfo.h"

const char db_default_migrations_dir[] = DEPOT_MIGRATIONS_DIR;

#define TARGET(member) offsetof(struct db_settings, member)

const struct config_item db_config_items[] = {
    {.name = "DATABASE_URL",
     .type = CONFIG_STRING,
     .unit = "",
     .text = "The database: postgresql://user:password@host:port/name, or libpq's key=value form; "
             "wins over POSTGRES_*.",
     .secret = true,
     .offset = TARGET(url)},
    {.name = "POSTGRES_HOST",
     .type = CONFIG_STRING,
     .unit = "",
     .text = "The database's host, or the folder of its unix socket.",
     .offset = TARGET(host)},
    {.name = "POSTGRES_PORT",
     .type = CONFIG_INT,
     .fallback = "5432",
     .min = 1,
     .max = 65535,
     .unit = "",
     .text = "The database's port.",
     .offset = TARGET(port)},
    {.name = "POSTGRES_USER",
     .type = CONFIG_STRING,
     .unit = "",
     .text =
         "The role to connect as: depot_<service> where there are roles, else one that may create.",
     .offset = TARGET(user)},
    {.name = "POSTGRES_PASSWORD",
     .type = CONFIG_STRING,
     .unit = "",
     .text = "The role's password.",
     .secret = true,
     .offset = TARGET(password)},
    {.name = "POSTGRES_DB",
     .type = CONFIG_STRING,
     .unit = "",
     .text = "The database's name.",
     .offset = TARGET(name)},
    {.name = "POSTGRES_SSLMODE",
     .type = CONFIG_STRING,
     .fallback = "prefer",
     .unit = "",
     .text =
         "Encryption: disable, allow, prefer, require, verify-ca or verify-full (the certificate "
         "is for POSTGRES_HOST). In a DATABASE_URL it is ?sslmode=.",
     .offset = TARGET(ssl_mode)},
    {.name = "POSTGRES_SSLROOTCERT",
     .type = CONFIG_STRING,
     .unit = "",
     .text = "For verify-ca and verify-full: the file with the authority's certificate.",
     .offset = TARGET(ssl_root_cert)},
    {.name = "DB_MAX_RETRY",
     .type = CONFIG_INT,
     .fallback = "10",
     .min = 0,
     .max = 1000,
     .unit = "",
     .text = "How often a connection is tried again at start before the program quits.",
     .offset = TARGET(max_retry)},
    {.name = "ALLOW_UNSAFE_DB",
     .type = CONFIG_BOOL,
     .fallback = "off",
     .unit = "",
     .text = "Accept a database that is not UTF8 or may lose what it has acknowledged.",
     .offset = TARGET(allow_unsafe)},
    {.name = "MIGRATIONS_DIR",
     .type = CONFIG_STRING,
     .unit = "",
     .text = "The folder that holds a folder of migrations for each service; unless set, that of "
             "the source tree, or what the build was told.",
     .offset = TARGET(migrations_dir)},
};

#undef TARGET

const size_t db_config_n_items = sizeof(db_config_items) / sizeof(db_config_items[0]);

static enum status
check_parts(const struct db_settings *settings, struct error *error)
{
    const char *missing = settings->host == NULL   ? "POSTGRES_HOST"
                          : settings->user == NULL ? "POSTGRES_USER"
                          : settings->name == NULL ? "POSTGRES_DB"
                                                   : NULL;

    if (settings->host == NULL && settings->user == NULL && settings->name == NULL &&
        settings->password == NULL) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "no database is given: set DATABASE_URL, or POSTGRES_HOST, POSTGRES_USER "
                         "and POSTGRES_DB (and POSTGRES_PASSWORD, POSTGRES_PORT)");
    }
    if (missing != NULL) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s is not set: a database is given by DATABASE_URL, or by POSTGRES_HOST, "
                         "POSTGRES_USER and POSTGRES_DB together",
                         missing);
    }
    return STATUS_OK;
}

static enum status
check_ssl_mode(const struct db_settings *settings, struct error *error)
{
    static const char *const modes[] = {"disable", "allow",     "prefer",
                                        "require", "verify-ca", "verify-full"};

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(settings->ssl_mode, modes[i]) == 0) {
            return STATUS_OK;
        }
    }
    return error_set(error, STATUS_INVALID_ARGUMENT,
                     "POSTGRES_SSLMODE must be disable, allow, prefer, require, verify-ca or "
                     "verify-full, not \"%s\"",
                     settings->ssl_mode);
}

static enum status
check(const struct db_settings *settings, struct error *error)
{
    struct db_options options = db_settings_options(settings, "", NULL);
    enum status status = check_ssl_mode(settings, error);

    if (status != STATUS_OK) {
        return status;
    }
    if (settings->url == NULL) {
        return check_parts(settings, error);
    }
    if (settings->host != NULL || settings->user != NULL || settings->name != NULL ||
        settings->password != NULL || settings->ssl_root_cert != NULL ||
        strcmp(settings->ssl_mode, "prefer") != 0) {
        log_message(LOG_WARN, "settings",
                    "DATABASE_URL is set: POSTGRES_HOST and its kind are not looked at");
    }
    return db_conninfo_check(&options, error);
}

enum status
db_settings_load(struct db_settings *settings, struct error *error)
{
    struct db_settings loaded = {0};
    enum status status = config_load(db_config_items, db_config_n_items, &loaded, error);

    if (status == STATUS_OK) {
        status = check(&loaded, error);
    }
    if (status != STATUS_OK) {
        db_settings_fini(&loaded);
        return status;
    }
    if (loaded.migrations_dir == NULL) { /* no fallback: the docs show no one's folders */
        loaded.migrations_dir = strdup(db_default_migrations_dir);
        ASSERT(loaded.migrations_dir != NULL);
    }
    *settings = loaded;
    return STATUS_OK;
}

enum status
db_settings_check_production(const struct db_settings *settings, struct error *error)
{
    struct db_options options = db_settings_options(settings, "", NULL);

    return db_conninfo_check_private(&options, error);
}

void
db_settings_fini(struct db_settings *settings)
{
    for (size_t i = 0; i < db_config_n_items; i++) {
        if (db_config_items[i].type == CONFIG_STRING) {
            char *text;

            memcpy(&text, (const char *)settings + db_config_items[i].offset, sizeof(text));
            free(text);
        }
    }
    *settings = (struct db_settings){0};
}

struct db_options
db_settings_options(const struct db_settings *settings, const char *application_name,
                    const char *schema)
{
    return (struct db_options){
        .url = settings->url,
        .host = settings->host,
        .user = settings->user,
        .password = settings->password,
        .name = settings->name,
        .port = settings->port,
        .ssl_mode = settings->ssl_mode,
        .ssl_root_cert = settings->ssl_root_cert,
        .application_name = application_name,
        .schema = schema,
        .allow_unsafe = settings->allow_unsafe,
    };
}

/* A folder of a unix socket cannot stand where a URI has its host. */
static void
describe_place(const PQconninfoOption *info, struct buf *out)
{
    const char *host = db_conninfo_value(info, "host");
    const char *port = db_conninfo_value(info, "port");
    const char *name = db_conninfo_value(info, "dbname");
    bool socket = host != NULL && host[0] == '/';

    if (host != NULL && !socket) {
        buf_puts(out, host);
    }
    if (port != NULL) {
        buf_printf(out, ":%s", port);
    }
    buf_printf(out, "/%s", name == NULL ? "" : name);
    if (socket) {
        buf_printf(out, "?host=%s", host);
    }
}

void
db_options_describe(const struct db_options *options, struct buf *out)
{
    struct error error;
    PQconninfoOption *info = db_conninfo_parse(options, &error);
    const char *user;

    if (info == NULL) {
        buf_puts(out, "postgresql://");
        return;
    }
    user = db_conninfo_value(info, "user");
    buf_puts(out, "postgresql://");
    if (user != NULL) {
        buf_printf(out, "%s@", user);
    }
    describe_place(info, out);
    PQconninfoFree(info);
}

static void
export_schema(const char *schema)
{
    struct buf text = BUF_INIT;
    const char *given = getenv("PGOPTIONS");

    buf_printf(&text, "%s -c search_path=%s,public", given == NULL ? "" : given, schema);
    buf_putc(&text, '\0');
    ASSERT(setenv("PGOPTIONS", text.data, 1) == 0);
    buf_fini(&text);
}

void
db_options_export(const struct db_options *options)
{
    struct error error;
    PQconninfoOption *info = db_conninfo_parse(options, &error);

    if (info == NULL) {
        return;
    }
    for (const PQconninfoOption *item = info; item->keyword != NULL; item++) {
        if (item->val != NULL && item->envvar != NULL) {
            ASSERT(setenv(item->envvar, item->val, 1) == 0);
        }
    }
    if (options->schema != NULL) {
        export_schema(options->schema);
    }
    PQconninfoFree(info);
}
