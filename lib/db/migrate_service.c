#include <sodium.h>

#include "base/log.h"
#include "db/conn_pg.h"
#include "db/migrate.h"
#include "db/migrations.h"

/* What a service waits for: the schema at the head of its own folders. */
struct wait {
    struct db_conn *conn;
    const char *dir, *service;
    const atomic_bool *stop;
    struct error *error;
};

static bool
is_hidden(const struct migrations *migrations)
{
    for (int i = 0; i < migrations->n_parts; i++) {
        if (migrations->parts[i].rows.hidden) {
            return true;
        }
    }
    return false;
}

static enum status
check_part(const struct migrations *migrations, int i)
{
    const struct migration_part *part = &migrations->parts[i];
    bool platform = i + 1 < migrations->n_parts;

    if (part->rows.n >= part->files.n) {
        return STATUS_OK;
    }
    return error_set(migrations->error, STATUS_UNAVAILABLE,
                     "waiting for migrations: %s%s is at %d, %d is wanted; run depot-migrate up",
                     migrations->service, platform ? "/" MIGRATIONS_PLATFORM : "", part->rows.n,
                     part->files.n);
}

static enum status
check_head(const struct migrations *migrations)
{
    enum status status = migrations_check_rows(migrations);

    for (int i = 0; i < migrations->n_parts && status == STATUS_OK; i++) {
        status = check_part(migrations, i);
    }
    return status;
}

/* `*again`: what is missing may come; else the status is final. */
static enum status
look(const struct wait *self, bool *again)
{
    struct migrations migrations;
    enum status status =
        migrations_open(&migrations, self->conn, self->dir, self->service, self->stop, self->error);

    *again = false;
    if (status == STATUS_OK) {
        status = check_head(&migrations);
        *again = status == STATUS_UNAVAILABLE;
    } else if (is_hidden(&migrations)) {
        status = error_set(self->error, STATUS_UNAVAILABLE,
                           "waiting for migrations: %s has no rights in its schema; run "
                           "depot-migrate up",
                           self->service);
        *again = true;
    }
    migrations_close(&migrations);
    return status;
}

static void
log_wait(const struct wait *self, int wait_ms)
{
    struct log_line line;

    log_begin(&line, LOG_WARN, "migrations_wait");
    log_int(&line, "waitMs", wait_ms);
    log_str(&line, "message", self->error->text);
    log_end(&line);
}

static enum status
wait_for_head(const struct wait *self, int max_retry)
{
    for (int retry = 0;; retry++) {
        bool again;
        enum status status = look(self, &again);
        int wait_ms;

        if (!again || retry >= max_retry) {
            return status;
        }
        wait_ms = retry_wait_ms(&db_retries, retry, randombytes_random());
        log_wait(self, wait_ms);
        if (!retry_sleep(wait_ms, self->stop)) {
            return error_set(self->error, STATUS_CANCELLED, "stopped while waiting for migrations");
        }
    }
}

enum status
db_migrate_service(struct db_conn *conn, const char *dir, const char *service, int max_retry,
                   const atomic_bool *stop, struct error *error)
{
    struct wait wait = {conn, dir, service, stop, error};
    struct migration_place place;
    enum status status = migration_place_find(db_conn_pg(conn), service, &place, error);

    if (status != STATUS_OK) {
        return status;
    }
    return place.may ? db_migrate_up(conn, dir, service, stop, error)
                     : wait_for_head(&wait, max_retry);
}
