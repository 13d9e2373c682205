#include "support/match.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/uuid.h"
#include "pb/time.h"

struct mismatch {
    char *why;
    size_t why_bytes;
};

static bool match_value(const json_t *expected, const json_t *actual, const char *path,
                        struct mismatch *mismatch);

static bool
differ(struct mismatch *mismatch, const char *path, const json_t *expected, const json_t *actual)
{
    char *left = expected == NULL ? NULL : json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT);
    char *right = actual == NULL ? NULL : json_dumps(actual, JSON_ENCODE_ANY | JSON_COMPACT);

    snprintf(mismatch->why, mismatch->why_bytes, "at \"%s\": expected %s, got %s", path,
             left == NULL ? "nothing" : left, right == NULL ? "nothing" : right);
    free(left);
    free(right);
    return false;
}

static bool
match_string(const json_t *expected, const json_t *actual, bool *is_placeholder)
{
    const char *wanted = json_string_value(expected);
    const char *text = json_string_value(actual);
    size_t bytes = json_string_length(actual);
    Google__Protobuf__Timestamp time;

    *is_placeholder = true;
    if (strcmp(wanted, "<any>") == 0) {
        return true;
    }
    if (strcmp(wanted, "<text>") == 0) {
        return text != NULL && bytes > 0;
    }
    if (strcmp(wanted, "<uuid>") == 0) {
        return text != NULL && uuid_valid(text, bytes);
    }
    if (strcmp(wanted, "<time>") == 0) {
        return text != NULL && pb_time_parse(text, bytes, &time);
    }
    *is_placeholder = false;
    return false;
}

static bool
match_object(const json_t *expected, const json_t *actual, const char *path,
             struct mismatch *mismatch)
{
    const char *key;
    json_t *value;
    char place[512];

    json_object_foreach((json_t *)expected, key, value)
    {
        const json_t *found = json_object_get(actual, key);

        snprintf(place, sizeof(place), "%s/%s", path, key);
        if (found == NULL) {
            return differ(mismatch, place, value, NULL);
        }
        if (!match_value(value, found, place, mismatch)) {
            return false;
        }
    }
    json_object_foreach((json_t *)actual, key, value)
    {
        if (json_object_get(expected, key) == NULL) {
            snprintf(place, sizeof(place), "%s/%s", path, key);
            return differ(mismatch, place, NULL, value);
        }
    }
    return true;
}

static bool
match_array(const json_t *expected, const json_t *actual, const char *path,
            struct mismatch *mismatch)
{
    size_t index;
    json_t *value;
    char place[512];

    if (json_array_size(expected) != json_array_size(actual)) {
        return differ(mismatch, path, expected, actual);
    }
    json_array_foreach(expected, index, value)
    {
        snprintf(place, sizeof(place), "%s/%zu", path, index);
        if (!match_value(value, json_array_get(actual, index), place, mismatch)) {
            return false;
        }
    }
    return true;
}

static bool
match_value(const json_t *expected, const json_t *actual, const char *path,
            struct mismatch *mismatch)
{
    bool is_placeholder;

    if (json_is_string(expected)) {
        bool ok = match_string(expected, actual, &is_placeholder);

        if (is_placeholder) {
            return ok || differ(mismatch, path, expected, actual);
        }
    }
    if (json_is_object(expected) && json_is_object(actual)) {
        return match_object(expected, actual, path, mismatch);
    }
    if (json_is_array(expected) && json_is_array(actual)) {
        return match_array(expected, actual, path, mismatch);
    }
    return json_equal(expected, actual) || differ(mismatch, path, expected, actual);
}

bool
match_json(const char *expected, const char *actual, char *why, size_t why_bytes)
{
    struct mismatch mismatch = {.why = why, .why_bytes = why_bytes};
    json_error_t error;
    json_t *left = json_loads(expected, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    json_t *right;
    bool ok;

    if (left == NULL) {
        snprintf(why, why_bytes, "the expectation is not JSON: %s in %s", error.text, expected);
        return false;
    }
    right = json_loads(actual, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (right == NULL) {
        snprintf(why, why_bytes, "not JSON: %s in %s", error.text, actual);
        json_decref(left);
        return false;
    }
    ok = match_value(left, right, "", &mismatch);
    json_decref(left);
    json_decref(right);
    return ok;
}
