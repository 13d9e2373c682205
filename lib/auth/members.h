/*
 * Small flat JSON objects, as tokens have them, read to the letter: every member that is expected
 * stands there exactly once, with exactly the type that is expected, and there is no other.
 *
 * The contracts' own reader (pb/json.h) is not used for this: as proto3 JSON asks, it takes numbers
 * in quotes, `1.0` and `1e0` for 1, and `null` for an absent member.
 */
#ifndef DEPOT_AUTH_MEMBERS_H
#define DEPOT_AUTH_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

enum member_kind {
    MEMBER_TEXT,     /* char[]: a string, not empty; with a NUL byte behind it */
    MEMBER_OPEN,     /* char[]: a string, perhaps empty */
    MEMBER_ONE_TEXT, /* char[]: a list of one string, which is not empty */
    MEMBER_NUMBER,   /* int64_t: digits only */
};

struct member_rule {
    const char *name;
    enum member_kind kind;
    size_t offset; /* in the struct that is filled */
    size_t room_bytes;
};

#define MEMBER(name, kind, type, field)                                                            \
    {                                                                                              \
        name, kind, offsetof(type, field), sizeof(((type *)NULL)->field)                           \
    }

/*
 * Fills `out`, a struct of zeros. False if the document is not JSON or anything about it is not as
 * the rules (fewer than 32) say, also when a string is longer than its array, or holds a NUL
 * character; some fields may be set then.
 */
bool members_read(const char *json, size_t bytes, const struct member_rule *rules, size_t n_rules,
                  void *out);

#endif
