#include "services.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool
is_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return length > 0 && text[length] == '\0' && length < SERVICE_NAME_BYTES;
}

static bool
is_folder(const char *dir, const char *name)
{
    char folder[4096];
    struct stat stat_data;

    snprintf(folder, sizeof(folder), "%s/%s", dir, name);
    return stat(folder, &stat_data) == 0 && S_ISDIR(stat_data.st_mode);
}

/* The platform's migrations are part of every service. */
static bool
is_platform(const char *name)
{
    return strcmp(name, "platform") == 0;
}

static enum status
add(struct services *services, const char *dir, const char *name, struct error *error)
{
    if (!is_name(name)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s/%s: a service's name is lower-case letters, digits and '_'", dir,
                         name);
    }
    if (is_platform(name)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "platform is no service but a part of each: --service=NAME --platform");
    }
    if (!is_folder(dir, name)) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: has no folder %s (MIGRATIONS_DIR)",
                         dir, name);
    }
    if (services->n == SERVICES_MAX) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: holds more than %d folders", dir,
                         SERVICES_MAX);
    }
    snprintf(services->names[services->n++], SERVICE_NAME_BYTES, "%s", name);
    return STATUS_OK;
}

static enum status
add_all(struct services *services, const char *dir, struct error *error)
{
    DIR *stream = opendir(dir);
    enum status status = STATUS_OK;
    const struct dirent *entry;

    if (stream == NULL) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: cannot be read: %s (MIGRATIONS_DIR)",
                         dir, strerror(errno));
    }
    while (status == STATUS_OK && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.' && !is_platform(entry->d_name) &&
            is_folder(dir, entry->d_name)) {
            status = add(services, dir, entry->d_name, error);
        }
    }
    closedir(stream);
    return status;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum status
services_find(const char *dir, const char *only, struct services *services, struct error *error)
{
    enum status status;

    services->n = 0;
    status = only != NULL ? add(services, dir, only, error) : add_all(services, dir, error);
    if (status == STATUS_OK && services->n == 0) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s: holds no service's folder (MIGRATIONS_DIR)", dir);
    }
    qsort(services->names, services->n, sizeof(services->names[0]), compare_names);
    return status;
}
