#include "db/migration_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "db/sql_split.h"

enum { VERSION_DIGITS = 4, VERSIONS_MAX = 9999 };

/* While the folder is read: the migrations by version, with holes. */
struct reader {
    struct arena *arena;
    const char *folder;
    struct migration *slots; /* of VERSIONS_MAX + 1 */
    int highest;
    const char *grants, *adopt;
    struct error *error;
};

#define REFUSE(reader, ...) error_set((reader)->error, STATUS_FAILED_PRECONDITION, __VA_ARGS__)

static bool
ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);

    return length >= n && strcmp(text + length - n, end) == 0;
}

/* The length of a name's part between NNNN_ and .up.sql or .down.sql; 0 if it has another form. */
static size_t
name_length(const char *file)
{
    size_t n = 0;

    while (n < VERSION_DIGITS && isdigit((unsigned char)file[n])) {
        n++;
    }
    if (n != VERSION_DIGITS || file[n] != '_') {
        return 0;
    }
    n = strspn(file + VERSION_DIGITS + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
    file += VERSION_DIGITS + 1 + n;
    return strcmp(file, ".up.sql") == 0 || strcmp(file, ".down.sql") == 0 ? n : 0;
}

static enum status
read_text(struct reader *self, const char *file, const char **text, size_t *bytes)
{
    const char *path = arena_printf(self->arena, "%s/%s", self->folder, file);
    FILE *stream = fopen(path, "re");
    char *data = malloc(LIMIT_MIGRATION_BYTES + 1);
    bool failed = true;
    size_t n = 0;

    ASSERT(data != NULL);
    if (stream != NULL) {
        n = fread(data, 1, LIMIT_MIGRATION_BYTES + 1, stream);
        failed = ferror(stream) != 0;
        fclose(stream);
    }
    *text = failed ? NULL : arena_copy(self->arena, data, n);
    *bytes = n;
    free(data);
    if (failed) {
        return REFUSE(self, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (n > LIMIT_MIGRATION_BYTES) {
        return REFUSE(self, "%s: is larger than %d bytes", path, LIMIT_MIGRATION_BYTES);
    }
    return strlen(*text) == n ? STATUS_OK : REFUSE(self, "%s: holds a NUL byte", path);
}

/* All or nothing: a script cannot end the transaction in which it is to be recorded. */
static enum status
check_text(struct reader *self, const char *file, const char *text)
{
    struct sql_script script = {text, 1};
    struct sql_statement statement;

    while (sql_next(&script, &statement)) {
        if (sql_is_transaction_control(&statement)) {
            return REFUSE(self,
                          "%s:%d: a migration runs in one transaction and cannot begin, end or "
                          "part it",
                          file, statement.line);
        }
    }
    return STATUS_OK;
}

static void
hash(const char *text, size_t bytes, char sha256[static MIGRATION_SHA256_BYTES])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, (const unsigned char *)text, bytes);
    sodium_bin2hex(sha256, MIGRATION_SHA256_BYTES, digest, sizeof(digest));
}

static enum status
take_file(struct reader *self, const char *entry)
{
    size_t length = name_length(entry);
    int version = length == 0 ? 0 : atoi(entry);
    bool up = ends_with(entry, ".up.sql");
    struct migration *slot = &self->slots[version];
    const char *file = arena_strdup(self->arena, entry);
    const char *name = arena_copy(self->arena, entry + VERSION_DIGITS + 1, length);
    enum status status;
    size_t bytes;

    if (slot->name != NULL && strcmp(slot->name, name) != 0) {
        return REFUSE(self, "%s: %04d is also the number of \"%s\"", entry, version, slot->name);
    }
    slot->version = version;
    slot->name = name;
    *(up ? &slot->up_file : &slot->down_file) = file;
    self->highest = version > self->highest ? version : self->highest;
    status = read_text(self, file, up ? &slot->up : &slot->down, &bytes);
    if (status != STATUS_OK) {
        return status;
    }
    if (up) {
        hash(slot->up, bytes, slot->sha256);
    }
    return check_text(self, file, up ? slot->up : slot->down);
}

/* Where the text of a file that is no migration goes; NULL if it is one. */
static const char **
companion(struct reader *self, const char *entry)
{
    return strcmp(entry, MIGRATION_GRANTS) == 0  ? &self->grants
           : strcmp(entry, MIGRATION_ADOPT) == 0 ? &self->adopt
                                                 : NULL;
}

static enum status
take_companion(struct reader *self, const char *entry, const char **text)
{
    size_t bytes;
    enum status status = read_text(self, entry, text, &bytes);

    return status == STATUS_OK ? check_text(self, entry, *text) : status;
}

static enum status
take_entry(struct reader *self, const char *entry)
{
    const char **text = companion(self, entry);

    if (text != NULL) {
        return take_companion(self, entry, text);
    }
    if (entry[0] == '.' || !ends_with(entry, ".sql")) {
        return STATUS_OK;
    }
    if (name_length(entry) == 0 || atoi(entry) == 0) {
        return REFUSE(self, "%s/%s: is not named NNNN_name.up.sql or NNNN_name.down.sql, from 0001",
                      self->folder, entry);
    }
    return take_file(self, entry);
}

static enum status
take_folder(struct reader *self)
{
    DIR *dir = opendir(self->folder);
    enum status status = STATUS_OK;
    const struct dirent *entry;

    if (dir == NULL) {
        return REFUSE(self, "%s: cannot be read: %s", self->folder, strerror(errno));
    }
    while (status == STATUS_OK && (entry = readdir(dir)) != NULL) {
        status = take_entry(self, entry->d_name);
    }
    closedir(dir);
    return status;
}

static enum status
check_complete(struct reader *self)
{
    if (self->highest == 0) {
        return REFUSE(self, "%s: holds no migration", self->folder);
    }
    for (int version = 1; version <= self->highest; version++) {
        const struct migration *slot = &self->slots[version];

        if (slot->name == NULL) {
            const struct migration *next = slot;

            while (next->name == NULL) {
                next++;
            }
            return REFUSE(self, "%s: there is a gap before it, %04d is missing",
                          next->up_file != NULL ? next->up_file : next->down_file, version);
        }
        if (slot->up_file == NULL || slot->down_file == NULL) {
            return REFUSE(self, "%s/%04d_%s.%s.sql: is missing", self->folder, version, slot->name,
                          slot->up_file == NULL ? "up" : "down");
        }
    }
    return STATUS_OK;
}

enum status
migration_files_read(struct arena *arena, const char *folder, struct migration_files *files,
                     struct error *error)
{
    struct reader reader = {.arena = arena, .folder = folder, .error = error};
    enum status status;

    reader.slots = arena_zalloc(arena, (VERSIONS_MAX + 1) * sizeof(*reader.slots));
    status = take_folder(&reader);
    if (status == STATUS_OK) {
        status = check_complete(&reader);
    }
    if (status == STATUS_OK) {
        *files =
            (struct migration_files){reader.slots + 1, reader.highest, reader.grants, reader.adopt};
    }
    return status;
}
