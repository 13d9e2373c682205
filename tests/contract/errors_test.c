/* docs/errors.md is derived, and kept in the repository: it must be what the contract says now. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/route.h"
#include "run.h"

Test(errors, the_document_is_fresh)
{
    char folder[64], path[128], output[RUN_OUTPUT_BYTES];
    char *fresh, *kept;

    run_enter(folder);
    cr_assert_eq(run(output, PROTOGEN " errors " CONTRACT_SET " %s", folder), 0, "%s", output);
    snprintf(path, sizeof path, "%s/errors.md", folder);
    fresh = run_read(path);
    kept = run_read(DEPOT_SOURCE_FOLDER "/docs/errors.md");
    cr_assert(strcmp(kept, fresh) == 0,
              "docs/errors.md is stale: build the target `docs` and commit it");
    free(fresh);
    free(kept);
    run_leave(folder);
}

Test(errors, every_reason_stands_once)
{
    char *text = run_read(DEPOT_SOURCE_FOLDER "/docs/errors.md");
    size_t n = 0;

    for (; http_contract.reasons[n] != NULL; n++) {
        char cell[96];
        const char *first;

        snprintf(cell, sizeof cell, "\n| `%s` | %s |", http_contract.reasons[n]->name,
                 status_name(http_contract.reasons[n]->code));
        first = strstr(text, cell);
        cr_assert_not_null(first, "%s", cell);
        cr_assert_null(strstr(first + 1, cell), "%s stands twice", cell);
    }
    cr_assert_gt(n, 40);
    free(text);
}
