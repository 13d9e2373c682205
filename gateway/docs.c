#include "docs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/limits.h"
#include "gateway.h"

enum { NAME_BYTES_MAX = 64 };

static const char index_name[] = "index.html";

/* The page may load its own files and talk to this gateway, and nothing else. Its styles draw
 * their icons as data. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* A file's name changes with its content. */
static const char kept_for_ever[] = "public, max-age=31536000, immutable";

struct docs_file {
    struct admin_path path;
    char name[NAME_BYTES_MAX + 1];
    struct buf content;
    struct docs_file *next;
};

static const struct {
    const char *ending, *content_type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".png", "image/png"},
};

static const char *
content_type_of(const char *name)
{
    const char *ending = strrchr(name, '.');

    for (size_t i = 0; ending != NULL && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(ending, types[i].ending) == 0) {
            return types[i].content_type;
        }
    }
    return NULL;
}

/* The file's name in a path below /docs; false if it is none that could be served. */
static bool
name_of(const char *path, size_t path_bytes, char name[static NAME_BYTES_MAX + 1])
{
    static const char prefix[] = "/docs/";
    size_t prefix_bytes = sizeof(prefix) - 1;
    size_t bytes;

    if (path_bytes == prefix_bytes - 1 && memcmp(path, prefix, path_bytes) == 0) {
        memcpy(name, index_name, sizeof(index_name));
        return true;
    }
    if (path_bytes <= prefix_bytes || memcmp(path, prefix, prefix_bytes) != 0) {
        return false;
    }
    bytes = path_bytes - prefix_bytes;
    if (bytes > NAME_BYTES_MAX) {
        return false;
    }
    memcpy(name, path + prefix_bytes, bytes);
    name[bytes] = '\0';
    return name[0] != '.' && strcmp(name, index_name) != 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
               bytes &&
           content_type_of(name) != NULL;
}

/* --- files --- */

static bool
read_all(int fd, struct buf *out)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size > LIMIT_DOCS_FILE_BYTES) {
        return false;
    }
    for (;;) {
        ssize_t n =
            read(fd, buf_reserve(out, (size_t)status.st_size + 1), (size_t)status.st_size + 1);

        if (n <= 0) {
            return n == 0;
        }
        buf_grown(out, (size_t)n);
        if (out->length_bytes > LIMIT_DOCS_FILE_BYTES) {
            return false;
        }
    }
}

/* The whole file; false if there is none, or none that could be served. */
static bool
read_file(const char *folder, const char *name, const char *ending, struct buf *out)
{
    struct buf path = BUF_INIT;
    bool good;
    int fd;

    buf_printf(&path, "%s/%s%s", folder, name, ending);
    buf_putc(&path, '\0');
    fd = open(path.data, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* nobody may write to a pipe */
    buf_fini(&path);
    good = fd >= 0 && read_all(fd, out) && out->length_bytes > 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!good) {
        buf_fini(out);
    }
    return good;
}

static struct docs_file *
file_new(const char *name, struct buf content)
{
    struct docs_file *self = calloc(1, sizeof(*self));
    bool is_page = strcmp(name, index_name) == 0;

    ASSERT(self != NULL);
    self->content = content;
    snprintf(self->name, sizeof(self->name), "%s", name);
    self->path = (struct admin_path){
        .path = self->name,
        .name = "docs",
        .content_type = content_type_of(name),
        .content = self->content.data,
        .content_bytes = self->content.length_bytes,
        .is_page = is_page,
        .content_policy = is_page ? page_policy : NULL,
        .cache_control = is_page ? NULL : kept_for_ever,
    };
    return self;
}

static struct docs_file *
file_load(struct gateway *gateway, const char *name)
{
    struct buf content = BUF_INIT;
    struct docs_file *file;
    struct asset *asset;

    if (!read_file(gateway->docs.folder, name, "", &content)) {
        return NULL;
    }
    file = file_new(name, content);
    file->next = gateway->docs.files;
    gateway->docs.files = file;
    asset = assets_get(&gateway->assets, content.data, content.length_bytes);
    read_file(gateway->docs.folder, name, ".gz", &asset->packed);
    return file;
}

const struct admin_path *
docs_find(struct gateway *gateway, const char *path, size_t path_bytes)
{
    struct docs_file *file = gateway->docs.files;
    char name[NAME_BYTES_MAX + 1];

    if (gateway->docs.folder == NULL || !name_of(path, path_bytes, name)) {
        return NULL;
    }
    while (file != NULL && strcmp(file->name, name) != 0) {
        file = file->next;
    }
    if (file == NULL) {
        file = file_load(gateway, name);
    }
    return file == NULL ? NULL : &file->path;
}

void
docs_close(struct docs *self)
{
    while (self->files != NULL) {
        struct docs_file *next = self->files->next;

        buf_fini(&self->files->content);
        free(self->files);
        self->files = next;
    }
}
