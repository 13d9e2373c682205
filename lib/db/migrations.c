#include "db/migrations.h"

#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "db/conn_pg.h"

static bool
is_folder(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static enum status
add_part(struct migrations *self, const char *dir, const char *name)
{
    struct migration_part *part = &self->parts[self->n_parts++];

    part->name = name;
    part->folder = arena_printf(&self->arena, "%s/%s", dir, name);
    return migration_files_read(&self->arena, part->folder, &part->files, self->error);
}

static enum status
read_files(struct migrations *self, const char *dir)
{
    const char *platform = arena_printf(&self->arena, "%s/" MIGRATIONS_PLATFORM, dir);
    enum status status = STATUS_OK;

    if (is_folder(platform)) {
        status = add_part(self, dir, MIGRATIONS_PLATFORM);
    }
    return status == STATUS_OK ? add_part(self, dir, self->service) : status;
}

enum status
migrations_read_rows(struct migrations *self)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < self->n_parts && status == STATUS_OK; i++) {
        struct migration_part *part = &self->parts[i];

        status =
            migration_rows_read(&self->place, &self->arena, part->name, &part->rows, self->error);
    }
    return status;
}

enum status
migrations_open(struct migrations *self, struct db_conn *conn, const char *dir, const char *service,
                const atomic_bool *stop, struct error *error)
{
    enum status status;

    *self = (struct migrations){.service = service, .stop = stop, .error = error};
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    status = read_files(self, dir);
    if (status == STATUS_OK) {
        status = migration_place_find(db_conn_pg(conn), service, &self->place, error);
    }
    if (status == STATUS_OK) {
        status = migration_place_enter(&self->place, error);
    }
    return status == STATUS_OK ? migrations_read_rows(self) : status;
}

void
migrations_close(struct migrations *self)
{
    if (self->place.pg != NULL) {
        migration_place_leave(&self->place);
    }
    arena_fini(&self->arena);
}

struct migration_part *
migrations_own(struct migrations *self)
{
    return &self->parts[self->n_parts - 1];
}

const struct migration *
migration_part_file(const struct migration_part *part, int version)
{
    return version <= part->files.n ? &part->files.migrations[version - 1] : NULL;
}

static enum status
check_row(const struct migration_part *part, int i, struct error *error)
{
    const struct migration_row *row = &part->rows.rows[i];
    const struct migration *file = migration_part_file(part, i + 1);

    if (row->version != i + 1 && file != NULL) {
        return error_set(error, STATUS_FAILED_PRECONDITION,
                         "%s: came too late, %04d is applied already: give it the next free number",
                         file->up_file, row->version);
    }
    if (row->version != i + 1) {
        return error_set(error, STATUS_FAILED_PRECONDITION,
                         "depot_migration: %04d is applied, but %04d is not", row->version, i + 1);
    }
    if (file == NULL) {
        return STATUS_OK;
    }
    if (strcmp(row->sha256, file->sha256) != 0 || strcmp(row->name, file->name) != 0) {
        return error_set(error, STATUS_FAILED_PRECONDITION,
                         "%s: was edited after it was applied as %04d_%s at %s: put it back and "
                         "write a new migration",
                         file->up_file, row->version, row->name, row->applied_at);
    }
    return STATUS_OK;
}

enum status
migrations_check_rows(const struct migrations *self)
{
    for (int i = 0; i < self->n_parts; i++) {
        for (int j = 0; j < self->parts[i].rows.n; j++) {
            enum status status = check_row(&self->parts[i], j, self->error);

            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

enum status
migrations_locked(struct migrations *self,
                  enum status (*work)(struct migrations *self, struct migration_part *part),
                  struct migration_part *part)
{
    enum status status = migration_lock(self->place.pg, self->stop, self->error);

    if (status == STATUS_OK) {
        status = work(self, part);
        migration_unlock(self->place.pg);
    }
    return status;
}
