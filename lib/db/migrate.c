#include "db/migrate.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/conn_pg.h"
#include "db/migration_grants.h"
#include "db/migration_schema.h"
#include "db/migration_script.h"
#include "db/migrations.h"

static void
log_step(const struct migrations *self, const struct migration_part *part, const char *event,
         const struct migration *migration, int64_t start_us)
{
    struct log_line line;

    log_begin(&line, LOG_INFO, event);
    log_str(&line, "service", self->service);
    log_str(&line, "folder", part->name);
    log_int(&line, "version", migration->version);
    log_str(&line, "name", migration->name);
    log_int(&line, "durationMs", (clock_us() - start_us) / 1000);
    log_end(&line);
}

/* The database is ahead: an old replica that starts during a rolling upgrade. */
static void
log_ahead(const struct migrations *self, const struct migration_part *part)
{
    struct log_line line;

    log_begin(&line, LOG_WARN, "migrations_ahead");
    log_str(&line, "service", self->service);
    log_str(&line, "folder", part->name);
    log_int(&line, "applied", part->rows.n);
    log_int(&line, "known", part->files.n);
    log_str(&line, "message", "the database was migrated by a newer version of this program");
    log_end(&line);
}

/*
 * The newest comes together with what the service's role may do: a service that waits for it finds
 * both.
 */
static enum status
apply(struct migrations *self, const struct migration_part *part, const struct migration *migration)
{
    int64_t start_us = clock_us();
    enum status status = migration_script_begin(&self->place, self->error);

    if (status == STATUS_OK) {
        status = migration_script_run(&self->place, migration->up_file, migration->up, self->stop,
                                      self->error);
    }
    if (status == STATUS_OK) {
        status = migration_row_add(&self->place, part->name, migration, self->error);
    }
    if (status == STATUS_OK && migration->version == part->files.n) {
        status = migration_grants_add(self, part);
    }
    status = migration_script_end(&self->place, migration->up_file, status, self->error);
    if (status == STATUS_OK) {
        log_step(self, part, "migration_applied", migration, start_us);
    }
    return status;
}

static enum status
take_back(struct migrations *self, const struct migration_part *part,
          const struct migration *migration)
{
    int64_t start_us = clock_us();
    enum status status = migration_script_begin(&self->place, self->error);

    if (status == STATUS_OK) {
        status = migration_script_run(&self->place, migration->down_file, migration->down,
                                      self->stop, self->error);
    }
    if (status == STATUS_OK) {
        status = migration_row_remove(&self->place, part->name, migration->version, self->error);
    }
    status = migration_script_end(&self->place, migration->down_file, status, self->error);
    if (status == STATUS_OK) {
        log_step(self, part, "migration_taken_back", migration, start_us);
    }
    return status;
}

/* Under the lock: another process may have been faster. */
static enum status
reread(struct migrations *self)
{
    enum status status = migrations_read_rows(self);

    return status == STATUS_OK ? migrations_check_rows(self) : status;
}

static enum status
apply_pending(struct migrations *self, struct migration_part *part)
{
    enum status status = reread(self);

    (void)part;
    for (int i = 0; i < self->n_parts && status == STATUS_OK; i++) {
        const struct migration_part *each = &self->parts[i];

        for (int j = each->rows.n; j < each->files.n && status == STATUS_OK; j++) {
            status = apply(self, each, &each->files.migrations[j]);
        }
    }
    return status;
}

static enum status
up(struct migrations *self)
{
    bool pending = false;
    enum status status = migration_schema_make(self);

    if (status == STATUS_OK) {
        status = migrations_check_rows(self);
    }
    for (int i = 0; i < self->n_parts && status == STATUS_OK; i++) {
        const struct migration_part *part = &self->parts[i];

        pending = pending || part->rows.n < part->files.n;
        if (part->rows.n > part->files.n) {
            log_ahead(self, part);
        }
    }
    return status == STATUS_OK && pending ? migrations_locked(self, apply_pending, NULL) : status;
}

enum status
db_migrate_up(struct db_conn *conn, const char *dir, const char *service, const atomic_bool *stop,
              struct error *error)
{
    struct migrations self;
    enum status status = migrations_open(&self, conn, dir, service, stop, error);

    if (status == STATUS_OK) {
        status = up(&self);
    }
    migrations_close(&self);
    return status;
}

static enum status
renew_grants(struct migrations *self, struct migration_part *part)
{
    (void)part;
    return migration_grants_renew(self);
}

enum status
db_migrate_grants(struct db_conn *conn, const char *dir, const char *service, struct error *error)
{
    struct migrations self;
    enum status status = migrations_open(&self, conn, dir, service, NULL, error);

    if (status == STATUS_OK) {
        status = migrations_locked(&self, renew_grants, NULL);
    }
    migrations_close(&self);
    return status;
}

static enum status
take_back_newest(struct migrations *self, struct migration_part *part)
{
    const struct migration_row *row;
    const struct migration *file;
    enum status status = reread(self);

    if (status != STATUS_OK || part->rows.n == 0) {
        return status;
    }
    row = &part->rows.rows[part->rows.n - 1];
    file = migration_part_file(part, row->version);
    if (file == NULL) {
        return error_set(self->error, STATUS_FAILED_PRECONDITION,
                         "%s: holds no %04d_%s.down.sql to take the newest version back with: it "
                         "was applied by a newer program",
                         part->folder, row->version, row->name);
    }
    return take_back(self, part, file);
}

/* The lock is given up between steps; each step looks at the table again. */
static enum status
down(struct migrations *self, struct migration_part *part, int steps)
{
    bool adopts;
    enum status status = migration_schema_adopts(self, &adopts);
    int left;

    if (status == STATUS_OK && adopts) {
        status = migration_schema_make(self);
    }
    left = steps < 0 || steps > part->rows.n ? part->rows.n : steps;
    for (; status == STATUS_OK && left > 0; left--) {
        status = migrations_locked(self, take_back_newest, part);
    }
    return status;
}

enum status
db_migrate_down(struct db_conn *conn, const char *dir, const char *service,
                enum db_migrate_part part, int steps, struct error *error)
{
    struct migrations self;
    enum status status = migrations_open(&self, conn, dir, service, NULL, error);
    bool platform = part == DB_MIGRATE_PLATFORM;

    if (status == STATUS_OK && platform && self.n_parts < 2) {
        status = error_set(error, STATUS_FAILED_PRECONDITION, "%s: holds no folder platform", dir);
    }
    if (status == STATUS_OK) {
        status = down(&self, platform ? &self.parts[0] : migrations_own(&self), steps);
    }
    migrations_close(&self);
    return status;
}

static enum status
drop_schemas(const struct migration_place *place, const char *const *services, size_t n_services,
             struct error *error)
{
    enum status status = migration_lock(place->pg, NULL, error);

    if (status == STATUS_OK) {
        status = migration_schemas_drop(place, services, n_services, error);
        migration_unlock(place->pg);
    }
    return status;
}

enum status
db_migrate_reset(struct db_conn *conn, const char *const *services, size_t n_services,
                 struct error *error)
{
    struct migration_place place;
    enum status status = migration_place_find(db_conn_pg(conn), services[0], &place, error);

    if (status != STATUS_OK) {
        return status;
    }
    status = migration_place_enter(&place, error);
    if (status == STATUS_OK) {
        status = drop_schemas(&place, services, n_services, error);
    }
    migration_place_leave(&place);
    return status;
}
