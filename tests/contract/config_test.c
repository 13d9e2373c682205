/* docs/config.md is derived, and kept in the repository: it must be what the programs say now. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define SCRIPT DEPOT_SOURCE_FOLDER "/tools/config_docs.sh"

Test(config, the_document_is_fresh)
{
    char folder[64], path[128], output[RUN_OUTPUT_BYTES];
    char *fresh, *kept;

    run_enter(folder);
    snprintf(path, sizeof path, "%s/config.md", folder);
    cr_assert_eq(run(output, SCRIPT " " DEPOT_BUILD_FOLDER " %s", path), 0, "%s", output);
    cr_assert_str_eq(output, "");
    fresh = run_read(path);
    kept = run_read(DEPOT_SOURCE_FOLDER "/docs/config.md");
    cr_assert(strcmp(kept, fresh) == 0,
              "docs/config.md is stale: build the target `docs` and commit it");
    free(fresh);
    free(kept);
    run_leave(folder);
}

/* A program that cannot be run must not leave half a document behind. */
Test(config, a_failure_leaves_nothing)
{
    char folder[64], output[RUN_OUTPUT_BYTES];

    run_enter(folder);
    cr_assert_neq(run(output, SCRIPT " %s %s/config.md", folder, folder), 0);
    cr_assert_eq(run(output, "test -e %s/config.md", folder), 1);
    run_leave(folder);
}

/* Every setting of every program, each in a row of the section that is its program's. */
Test(config, settings_stand_under_their_program)
{
    static const struct {
        const char *section, *setting;
    } rows[] = {
        {"\n## gateway\n", "\n| `GATEWAY_PORT` |"},
        {"\n## gateway\n", "\n| `INVENTORY_ADDRESSES` |"},
        {"\n## The gateway, and every service\n", "\n| `RPC_TLS_DIR` |"},
        {"\n## Every service\n", "\n| `RPC_WORKERS` |"},
        {"\n## accounts, beside that\n", "\n| `ADMIN_PASSWORD` |"},
        {"\n## The database, for services and depot-migrate\n", "\n| `DATABASE_URL` |"},
        {"\n## depot-migrate\n", "\n| `APP_ENV` |"},
        {"\n## make run\n", "\n| `DEPOT_HOME` |"},
    };
    char *text = run_read(DEPOT_SOURCE_FOLDER "/docs/config.md");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *section = strstr(text, rows[i].section);
        const char *next, *setting;

        cr_assert_not_null(section, "%s", rows[i].section);
        next = strstr(section + 1, "\n## ");
        setting = strstr(section, rows[i].setting);
        cr_assert_not_null(setting, "%s", rows[i].setting);
        cr_assert(next == NULL || setting < next, "%s", rows[i].setting);
    }
    free(text);
}
