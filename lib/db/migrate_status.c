#include <string.h>

#include "db/migrate.h"
#include "db/migration_schema.h"
#include "db/migrations.h"

/* Whose versions they are: inventory, or inventory/platform. */
static const char *
label_of(struct migrations *self, const struct migration_part *part)
{
    return part == migrations_own(self)
               ? self->service
               : arena_printf(&self->arena, "%s/%s", self->service, part->name);
}

static void
print_row(const struct migration_part *part, const char *label, const struct migration_row *row,
          FILE *out)
{
    const struct migration *file = migration_part_file(part, row->version);
    const char *remark = "";

    if (file == NULL) {
        remark = ", no file: a newer program knows it";
    } else if (strcmp(file->sha256, row->sha256) != 0 || strcmp(file->name, row->name) != 0) {
        remark = ", EDITED since";
    }
    fprintf(out, "%s  %04d  %-32s  applied %s%s\n", label, row->version, row->name, row->applied_at,
            remark);
}

static bool
is_applied(const struct migration_part *part, int version)
{
    for (int i = 0; i < part->rows.n; i++) {
        if (part->rows.rows[i].version == version) {
            return true;
        }
    }
    return false;
}

static void
print_part(struct migrations *self, const struct migration_part *part, FILE *out)
{
    const char *label = label_of(self, part);

    for (int i = 0; i < part->rows.n; i++) {
        print_row(part, label, &part->rows.rows[i], out);
    }
    for (int i = 0; i < part->files.n; i++) {
        const struct migration *file = &part->files.migrations[i];

        if (!is_applied(part, file->version)) {
            fprintf(out, "%s  %04d  %-32s  pending\n", label, file->version, file->name);
        }
    }
}

static enum status
print(struct migrations *self, FILE *out)
{
    bool adopts;
    enum status status = migration_schema_adopts(self, &adopts);

    if (status != STATUS_OK) {
        return status;
    }
    if (adopts) {
        fprintf(out, "%s  is still in public: up moves it to a schema of its own\n", self->service);
        return STATUS_OK;
    }
    for (int i = 0; i < self->n_parts; i++) {
        print_part(self, &self->parts[i], out);
    }
    return STATUS_OK;
}

enum status
db_migrate_status(struct db_conn *conn, const char *dir, const char *service, FILE *out,
                  struct error *error)
{
    struct migrations self;
    enum status status = migrations_open(&self, conn, dir, service, NULL, error);

    if (status == STATUS_OK) {
        status = print(&self, out);
    }
    migrations_close(&self);
    return status;
}
