/* Folders of migrations that are in order, and those that are not. */
#include "db/migration_files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "support/temp.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum { FILES_MAX = 8 };

static const struct folder_case {
    const char *name;
    const char *files[FILES_MAX]; /* each holds "SELECT 1;" */
    int n;                        /* migrations; 0: refused */
    const char *error;            /* a part of the line */
} cases[] = {
    {"one", {"0001_a.up.sql", "0001_a.down.sql"}, 1, NULL},
    {"other files",
     {"0001_a_1.up.sql", "0001_a_1.down.sql", "README.md", ".0002_b.up.sql.swp", ".x.sql",
      "0002_b.up.sql~"},
     1,
     NULL},
    {"two", {"0002_b.down.sql", "0001_a.up.sql", "0002_b.up.sql", "0001_a.down.sql"}, 2, NULL},
    {"none", {NULL}, 0, "holds no migration"},
    {"none but others", {"README.md"}, 0, "holds no migration"},
    {"gap",
     {"0001_a.up.sql", "0001_a.down.sql", "0003_c.up.sql", "0003_c.down.sql"},
     0,
     "0003_c.up.sql: there is a gap before it, 0002 is missing"},
    {"gap at the start", {"0002_b.up.sql", "0002_b.down.sql"}, 0, "0001 is missing"},
    {"gap before half a migration",
     {"0001_a.up.sql", "0001_a.down.sql", "0004_c.down.sql"},
     0,
     "0004_c.down.sql: there is a gap"},
    {"no down", {"0001_a.up.sql"}, 0, "/0001_a.down.sql: is missing"},
    {"no up", {"0001_a.down.sql"}, 0, "/0001_a.up.sql: is missing"},
    {"halves of different names", {"0001_a.up.sql", "0001_b.down.sql"}, 0, "0001 is also"},
    {"two of one number",
     {"0001_a.up.sql", "0001_a.down.sql", "0001_b.up.sql", "0001_b.down.sql"},
     0,
     "0001 is also the number of"},
    {"zero", {"0000_a.up.sql", "0000_a.down.sql"}, 0, "0000_a."},
    {"three digits", {"001_a.up.sql"}, 0, "001_a.up.sql: is not named"},
    {"five digits", {"00001_a.up.sql"}, 0, "00001_a.up.sql: is not named"},
    {"no name", {"0001_.up.sql"}, 0, "0001_.up.sql: is not named"},
    {"no direction", {"0001_a.sql"}, 0, "0001_a.sql: is not named"},
    {"another direction", {"0001_a.Up.sql"}, 0, "0001_a.Up.sql: is not named"},
    {"capitals", {"0001_A.up.sql"}, 0, "0001_A.up.sql: is not named"},
    {"dashes", {"0001-a.up.sql"}, 0, "0001-a.up.sql: is not named"},
    {"another script", {"seed.sql"}, 0, "seed.sql: is not named"},
};

static char folder[64];
static struct arena arena;
static struct error error;

static void
set_up(void)
{
    temp_template(folder, sizeof(folder), "depot-files");
    cr_assert_not_null(mkdtemp(folder));
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
}

static void
tear_down(void)
{
    char command[128];

    arena_fini(&arena);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(migration_files, .init = set_up, .fini = tear_down);

static void
put(const char *file, const void *data, size_t bytes)
{
    char path[256];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s", folder, file);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_eq(fwrite(data, 1, bytes, stream), bytes);
    cr_assert_eq(fclose(stream), 0);
}

static void
refused(const char *part)
{
    struct migration_files files;

    cr_assert_eq(migration_files_read(&arena, folder, &files, &error), STATUS_FAILED_PRECONDITION);
    cr_assert_not_null(strstr(error.text, part), "%s", error.text);
}

Test(migration_files, names_are_of_one_form_and_without_gaps)
{
    for (size_t i = 0; i < N(cases); i++) {
        const struct folder_case *c = &cases[i];
        struct migration_files files = {0};
        enum status status;

        tear_down();
        set_up();
        for (size_t j = 0; j < FILES_MAX && c->files[j] != NULL; j++) {
            put(c->files[j], "SELECT 1;", 9);
        }
        status = migration_files_read(&arena, folder, &files, &error);
        cr_assert_eq(status, c->error == NULL ? STATUS_OK : STATUS_FAILED_PRECONDITION, "%s: %s",
                     c->name, error.text);
        cr_assert_eq(files.n, c->n, "%s", c->name);
        cr_assert(c->error == NULL || strstr(error.text, c->error) != NULL, "%s: %s", c->name,
                  error.text);
    }
}

Test(migration_files, each_is_read_whole)
{
    struct migration_files files;

    put("0001_a.up.sql", "SELECT 'up';\n", 13);
    put("0001_a.down.sql", "", 0);
    cr_assert_eq(migration_files_read(&arena, folder, &files, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(files.migrations[0].version, 1);
    cr_assert_str_eq(files.migrations[0].name, "a");
    cr_assert_str_eq(files.migrations[0].up_file, "0001_a.up.sql");
    cr_assert_str_eq(files.migrations[0].down_file, "0001_a.down.sql");
    cr_assert_str_eq(files.migrations[0].up, "SELECT 'up';\n");
    cr_assert_str_eq(files.migrations[0].down, "");
    cr_assert_str_eq(files.migrations[0].sha256,
                     "b5dc90939e16d4f65eb5ad64e280cf85084b4435003ca65a8a909bd0df1a1929");
}

Test(migration_files, no_folder)
{
    struct migration_files files;

    cr_assert_eq(migration_files_read(&arena, "/no/such/folder", &files, &error),
                 STATUS_FAILED_PRECONDITION);
    cr_assert_str_eq(error.text, "/no/such/folder: cannot be read: No such file or directory");
}

Test(migration_files, a_folder_in_place_of_a_file)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/0001_a.up.sql", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    refused("0001_a.up.sql: cannot be read: Is a directory");
}

Test(migration_files, a_nul_byte_would_hide_what_follows)
{
    put("0001_a.down.sql", "", 0);
    put("0001_a.up.sql", "SELECT 1;\0DROP TABLE a;", 23);
    refused("0001_a.up.sql: holds a NUL byte");
}

Test(migration_files, the_size_is_bounded)
{
    char *text = malloc(LIMIT_MIGRATION_BYTES + 1);
    struct migration_files files;

    cr_assert_not_null(text);
    memset(text, ' ', LIMIT_MIGRATION_BYTES + 1);
    put("0001_a.down.sql", "", 0);
    put("0001_a.up.sql", text, LIMIT_MIGRATION_BYTES);
    cr_assert_eq(migration_files_read(&arena, folder, &files, &error), STATUS_OK, "%s", error.text);
    put("0001_a.up.sql", text, LIMIT_MIGRATION_BYTES + 1);
    refused("0001_a.up.sql: is larger than");
    free(text);
}
