#include "verifier_case.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

struct auth_verifier *verifier;
static struct arena arena;
struct call call;
struct answer answer;

void
verifier_open(void)
{
    verifier = auth_verifier_new(MAX_AGE_MS);
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    answer_init(&answer, 0, 2);
}

void
verifier_close(void)
{
    auth_verifier_free(verifier);
    arena_fini(&arena);
}

void
learn(void)
{
    cr_assert(auth_verifier_learn(verifier, &answer.message, clock_us()));
}

void
expect_reason(const struct text *token, const struct reason *reason)
{
    enum status status;

    arena_reset(&arena);
    call_init(&call, &arena);
    status = auth_verifier_check(verifier, &call, token->text, token->bytes);
    cr_assert_eq(call.problem.reason, reason, "%s, not %s",
                 call.problem.reason == NULL ? "good" : call.problem.reason->name,
                 reason == NULL ? "good" : reason->name);
    cr_assert_eq(status, reason == NULL ? STATUS_OK : reason->code);
    if (reason != NULL) {
        cr_assert_str_eq(call.caller.id, "");
        cr_assert_str_eq(call.principal, "");
        cr_assert_gt(strlen(call.problem.detail), 10);
    }
}

struct auth_verifier_counts
counts(void)
{
    struct auth_verifier_counts got;

    auth_verifier_counts(verifier, &got);
    return got;
}

struct text
token_now(unsigned n)
{
    struct token_claims claims = claims_now(n);

    return write_token(&claims, n);
}

void
expect_ready(bool wanted)
{
    const char *why = NULL;

    cr_assert_eq(auth_verifier_ready(verifier, &why), wanted);
    cr_assert_eq(why == NULL, wanted);
}
