/* Reads every file of a folder once, as libFuzzer would, with any compiler: fuzz_<noun> FOLDER. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void
replay(const char *folder, const char *name)
{
    struct buf content = BUF_INIT;
    char path[4096];
    FILE *file;
    size_t n;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    ASSERT(file != NULL);
    while ((n = fread(buf_reserve(&content, 4096), 1, 4096, file)) > 0) {
        buf_grown(&content, n);
    }
    fclose(file);
    fprintf(stderr, "%s\n", name); /* the last one named is the one that failed */
    LLVMFuzzerTestOneInput((const uint8_t *)content.data, content.length_bytes);
    buf_fini(&content);
}

int
main(int argc, char **argv)
{
    size_t n = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (folder == NULL) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 64;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            replay(argv[1], entry->d_name);
            n++;
        }
    }
    closedir(folder);
    printf("%zu inputs\n", n);
    return n == 0 ? 1 : 0;
}
