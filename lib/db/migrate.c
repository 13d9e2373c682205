#include "db/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/conn_pg.h"
#include "db/migration_files.h"
#include "db/migration_script.h"
#include "db/migration_table.h"

/* One service's migrations, as its folder and as the database have them. */
struct migrator {
    PGconn *pg;
    const atomic_bool *stop; /* or NULL */
    const char *folder, *service;
    struct arena arena;
    struct migration_files files;
    struct migration_rows rows;
    struct error *error;
};

static void
migrator_fini(struct migrator *self)
{
    arena_fini(&self->arena);
}

static enum status
read_rows(struct migrator *self)
{
    return migration_rows_read(self->pg, &self->arena, self->service, &self->rows, self->error);
}

/* On any status, migrator_fini follows. */
static enum status
migrator_init(struct migrator *self, struct db_conn *conn, const char *folder, const char *service,
              struct error *error)
{
    enum status status;

    *self = (struct migrator){
        .pg = db_conn_pg(conn), .folder = folder, .service = service, .error = error};
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    status = migration_files_read(&self->arena, folder, &self->files, error);
    return status == STATUS_OK ? read_rows(self) : status;
}

/* The file of an applied version; NULL if only newer programs know it. */
static const struct migration *
file_of(const struct migrator *self, int version)
{
    return version <= self->files.n ? &self->files.migrations[version - 1] : NULL;
}

static enum status
check_row(const struct migrator *self, int i)
{
    const struct migration_row *row = &self->rows.rows[i];
    const struct migration *file = file_of(self, i + 1);

    if (row->version != i + 1 && file != NULL) {
        return error_set(self->error, STATUS_FAILED_PRECONDITION,
                         "%s: came too late, %04d is applied already: give it the next free number",
                         file->up_file, row->version);
    }
    if (row->version != i + 1) {
        return error_set(self->error, STATUS_FAILED_PRECONDITION,
                         "depot_migration: %04d is applied, but %04d is not", row->version, i + 1);
    }
    if (file == NULL) {
        return STATUS_OK;
    }
    if (strcmp(row->sha256, file->sha256) != 0 || strcmp(row->name, file->name) != 0) {
        return error_set(self->error, STATUS_FAILED_PRECONDITION,
                         "%s: was edited after it was applied as %04d_%s at %s: put it back and "
                         "write a new migration",
                         file->up_file, row->version, row->name, row->applied_at);
    }
    return STATUS_OK;
}

/* What is applied is what the files say, as far as they go, and has no holes. */
static enum status
check_rows(const struct migrator *self)
{
    for (int i = 0; i < self->rows.n; i++) {
        enum status status = check_row(self, i);

        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static void
log_step(const struct migrator *self, const char *event, const struct migration *migration,
         int64_t start_us)
{
    struct log_line line;

    log_begin(&line, LOG_INFO, event);
    log_str(&line, "service", self->service);
    log_int(&line, "version", migration->version);
    log_str(&line, "name", migration->name);
    log_int(&line, "durationMs", (clock_us() - start_us) / 1000);
    log_end(&line);
}

/* The database is ahead: an old replica that starts during a rolling upgrade. */
static void
log_ahead(const struct migrator *self)
{
    struct log_line line;

    log_begin(&line, LOG_WARN, "migrations_ahead");
    log_str(&line, "service", self->service);
    log_int(&line, "applied", self->rows.n);
    log_int(&line, "known", self->files.n);
    log_str(&line, "message", "the database was migrated by a newer version of this program");
    log_end(&line);
}

static enum status
apply(struct migrator *self, const struct migration *migration)
{
    int64_t start_us = clock_us();
    enum status status = migration_script_begin(self->pg, self->error);

    if (status == STATUS_OK) {
        status = migration_script_run(self->pg, migration->up_file, migration->up, self->stop,
                                      self->error);
    }
    if (status == STATUS_OK) {
        status = migration_row_add(self->pg, self->service, migration, self->error);
    }
    status = migration_script_end(self->pg, migration->up_file, status, self->error);
    if (status == STATUS_OK) {
        log_step(self, "migration_applied", migration, start_us);
    }
    return status;
}

static enum status
take_back(struct migrator *self, const struct migration *migration)
{
    int64_t start_us = clock_us();
    enum status status = migration_script_begin(self->pg, self->error);

    if (status == STATUS_OK) {
        status = migration_script_run(self->pg, migration->down_file, migration->down, self->stop,
                                      self->error);
    }
    if (status == STATUS_OK) {
        status = migration_row_remove(self->pg, self->service, migration->version, self->error);
    }
    status = migration_script_end(self->pg, migration->down_file, status, self->error);
    if (status == STATUS_OK) {
        log_step(self, "migration_taken_back", migration, start_us);
    }
    return status;
}

/* Under the lock: another process may have been faster. */
static enum status
apply_pending(struct migrator *self)
{
    enum status status = migration_table_make(self->pg, self->error);

    if (status == STATUS_OK) {
        status = read_rows(self);
    }
    if (status == STATUS_OK) {
        status = check_rows(self);
    }
    for (int i = self->rows.n; status == STATUS_OK && i < self->files.n; i++) {
        status = apply(self, &self->files.migrations[i]);
    }
    return status;
}

static enum status
locked(struct migrator *self, enum status (*work)(struct migrator *))
{
    enum status status = migration_lock(self->pg, self->stop, self->error);

    if (status == STATUS_OK) {
        status = work(self);
        migration_unlock(self->pg);
    }
    return status;
}

enum status
db_migrate_up(struct db_conn *conn, const char *folder, const char *service,
              const atomic_bool *stop, struct error *error)
{
    struct migrator self;
    enum status status = migrator_init(&self, conn, folder, service, error);

    self.stop = stop;
    if (status == STATUS_OK) {
        status = check_rows(&self);
    }
    if (status == STATUS_OK && self.rows.n < self.files.n) {
        status = locked(&self, apply_pending);
    } else if (status == STATUS_OK && self.rows.n > self.files.n) {
        log_ahead(&self);
    }
    migrator_fini(&self);
    return status;
}

static enum status
take_back_newest(struct migrator *self)
{
    const struct migration_row *row;
    const struct migration *file;
    enum status status = read_rows(self);

    if (status == STATUS_OK) {
        status = check_rows(self);
    }
    if (status != STATUS_OK || self->rows.n == 0) {
        return status;
    }
    row = &self->rows.rows[self->rows.n - 1];
    file = file_of(self, row->version);
    if (file == NULL) {
        return error_set(self->error, STATUS_FAILED_PRECONDITION,
                         "%s: holds no %04d_%s.down.sql to take the newest version back with: it "
                         "was applied by a newer program",
                         self->folder, row->version, row->name);
    }
    return take_back(self, file);
}

enum status
db_migrate_down(struct db_conn *conn, const char *folder, const char *service, int steps,
                struct error *error)
{
    struct migrator self;
    enum status status = migrator_init(&self, conn, folder, service, error);
    int left = steps < 0 || steps > self.rows.n ? self.rows.n : steps;

    /* The lock is given up between steps; each step looks at the table again. */
    for (; status == STATUS_OK && left > 0; left--) {
        status = locked(&self, take_back_newest);
    }
    migrator_fini(&self);
    return status;
}

static void
print_row(const struct migrator *self, int i, FILE *out)
{
    const struct migration_row *row = &self->rows.rows[i];
    const struct migration *file = file_of(self, row->version);
    const char *remark = "";

    if (file == NULL) {
        remark = ", no file: a newer program knows it";
    } else if (strcmp(file->sha256, row->sha256) != 0 || strcmp(file->name, row->name) != 0) {
        remark = ", EDITED since";
    }
    fprintf(out, "%s  %04d  %-32s  applied %s%s\n", self->service, row->version, row->name,
            row->applied_at, remark);
}

static bool
is_applied(const struct migrator *self, int version)
{
    for (int i = 0; i < self->rows.n; i++) {
        if (self->rows.rows[i].version == version) {
            return true;
        }
    }
    return false;
}

enum status
db_migrate_status(struct db_conn *conn, const char *folder, const char *service, FILE *out,
                  struct error *error)
{
    struct migrator self;
    enum status status = migrator_init(&self, conn, folder, service, error);

    for (int i = 0; status == STATUS_OK && i < self.rows.n; i++) {
        print_row(&self, i, out);
    }
    for (int i = 0; status == STATUS_OK && i < self.files.n; i++) {
        const struct migration *file = &self.files.migrations[i];

        if (!is_applied(&self, file->version)) {
            fprintf(out, "%s  %04d  %-32s  pending\n", service, file->version, file->name);
        }
    }
    migrator_fini(&self);
    return status;
}

/* In place of what is dropped stands a schema of the same owner, open to all as initdb makes it. */
static enum status
replace_schema(struct migrator *self)
{
    return migration_run(
        self->pg,
        "DO $$ DECLARE name text := current_schema(); owner text; BEGIN"
        " PERFORM set_config('statement_timeout', '0', true);"
        " SELECT nspowner::regrole INTO STRICT owner FROM pg_namespace WHERE nspname = name;"
        " EXECUTE format('DROP SCHEMA %I CASCADE', name);"
        " EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %s', name, owner);"
        " IF name = 'public' THEN GRANT USAGE ON SCHEMA public TO PUBLIC; END IF; END $$",
        self->error);
}

enum status
db_migrate_reset(struct db_conn *conn, struct error *error)
{
    struct migrator self = {.pg = db_conn_pg(conn), .error = error};

    return locked(&self, replace_schema);
}
