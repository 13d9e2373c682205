/* The arena's cap as the n-th allocation that fails: every size from nothing up. */
#include "fixture.h"

#include "pb/text.h"

static const char *const texts[] = {
    "{\"aString\":\"a string of some length, longer than a block\",\"someBytes\":\"AAECAwQFBgc=\","
    "\"strings\":[\"a\",\"b\\n\",\"c\",\"d\",\"e\",\"f\"],\"inner\":{\"inner\":{\"name\":"
    "\"x\\u0041\"}},"
    "\"inners\":[{},{\"name\":\"b\"},{}],\"stringsByString\":{\"k\\u0031\":\"v\",\"k2\":\"v\"},"
    "\"innersByInt32\":{\"1\":{\"name\":\"n\"}},\"aTime\":\"2026-03-01T09:00:00Z\","
    "\"times\":[\"2026-03-01T09:00:00Z\"],\"aMask\":\"a,bC\",\"maybeString\":\"x\","
    "\"aDouble\":0.1234567890123456789012345678901234567890123456789012345678901234567890123,"
    "\"choiceText\":\"t\",\"stringValues\":[\"y\"]}",
    "{\"unknown\":1,\"aString\":2,\"strings\":[3,{}],\"inner\":{\"x\":[]},\"a\\u0042c\":\"d\"}",
    "[1]",
    "{",
};

static enum status
read_within(const char *text, size_t cap, const struct reason **reason)
{
    struct fixture f;
    enum status status;
    ProtobufCMessage *message;

    fixture_init(&f, cap);
    message =
        fixture_read_status(&f, &depot__test__v1__everything__schema, text, strlen(text), &status);
    cr_assert_eq(message != NULL, status == STATUS_OK);
    *reason = f.call.problem.reason;
    if (status == STATUS_OK) {
        /* What was noted must refuse the request, even where there was no room for the note. */
        status = call_invalid(&f.call, &reason_validation_failed);
        *reason = f.call.problem.reason;
    } else {
        cr_assert_not_null(f.call.problem.detail);
    }
    fixture_fini(&f);
    return status;
}

Test(exhaustion, reading_fails_cleanly_with_any_amount_of_memory)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct reason *wanted_reason, *reason;
        enum status wanted = read_within(texts[i], 0, &wanted_reason);
        int failed = 0;

        for (size_t cap = 1; cap < 16384; cap += 8) {
            enum status status = read_within(texts[i], cap, &reason);

            if (status == STATUS_RESOURCE_EXHAUSTED) {
                cr_assert_eq(reason, &reason_internal_error);
                failed++;
            } else {
                cr_assert_eq(status, wanted, "%s with %zu", texts[i], cap);
            }
        }
        cr_assert_eq(read_within(texts[i], 16384, &reason), wanted);
        cr_assert_eq(reason, wanted_reason);
        cr_assert(failed > 0 || wanted_reason == &reason_malformed_json);
    }
}
