/* Messages whose JSON is a single value; the form of each is in known.h and time.h. */
#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/known.h"
#include "pb/time.h"
#include "pb/value.h"
#include "pb/words.h"

bool
pb_known_single(const struct pb_message *schema)
{
    return schema->known != PB_ORDINARY && schema->known != PB_EMPTY;
}

static enum pb_set
set_time(struct call *call, const struct pb_token *token, const struct pb_place *place,
         ProtobufCMessage *message)
{
    if (!pb_time_parse(token->text, token->bytes, (Google__Protobuf__Timestamp *)message)) {
        pb_refuse_value(call, &reason_bad_timestamp, place,
                        "must be a time like 2026-03-01T09:00:00Z (RFC 3339 with an offset, at "
                        "most six fractional digits, in the years 1 to 9999), not %s.",
                        pb_words_quote(token->text, token->bytes).text);
        return PB_REFUSED;
    }
    return PB_SET;
}

static enum pb_set
set_duration(struct call *call, const struct pb_message *schema, const struct pb_token *token,
             const struct pb_place *place, ProtobufCMessage *message)
{
    switch (pb_duration_parse(token->text, token->bytes, pb_member(&schema->fields[0], message),
                              pb_member(&schema->fields[1], message))) {
    case PB_DURATION_OK:
        return PB_SET;
    case PB_DURATION_TOO_LONG:
        pb_refuse_value(call, &reason_out_of_range, place,
                        "must be a duration of at most 10,000 years, not %s.",
                        pb_words_quote(token->text, token->bytes).text);
        return PB_REFUSED;
    case PB_DURATION_MALFORMED:
        break;
    }
    pb_refuse_value(call, &reason_bad_format, place,
                    "must be a duration like 1.5s (seconds, at most nine fractional digits), not "
                    "%s.",
                    pb_words_quote(token->text, token->bytes).text);
    return PB_REFUSED;
}

static enum pb_set
set_mask(struct call *call, const struct pb_message *schema, const struct pb_token *token,
         const struct pb_place *place, ProtobufCMessage *message)
{
    const struct pb_field *paths = &schema->fields[0];

    switch (pb_mask_parse(call->arena, token->text, token->bytes, pb_member(paths, message),
                          pb_count(paths, message))) {
    case PB_MASK_OK:
        return PB_SET;
    case PB_MASK_EXHAUSTED:
        return PB_EXHAUSTED;
    case PB_MASK_MALFORMED:
        break;
    }
    pb_refuse_value(call, &reason_bad_format, place,
                    "must be names of members with commas between, like name,startTime, not %s.",
                    pb_words_quote(token->text, token->bytes).text);
    return PB_REFUSED;
}

static enum pb_set
set_known(struct call *call, const struct pb_message *schema, const struct pb_token *token,
          const struct pb_place *place, ProtobufCMessage *message)
{
    if (schema->known == PB_WRAPPER) {
        return pb_scalar_set(call, &schema->fields[0], token, place,
                             pb_member(&schema->fields[0], message));
    }
    if (token->kind != PB_TOKEN_STRING && token->kind != PB_TOKEN_PLAIN) {
        return pb_wrong_type(call, token, place, "a string");
    }
    switch (schema->known) {
    case PB_TIMESTAMP:
        return set_time(call, token, place, message);
    case PB_DURATION:
        return set_duration(call, schema, token, place, message);
    case PB_FIELD_MASK:
        return set_mask(call, schema, token, place, message);
    case PB_WRAPPER:
    case PB_ORDINARY:
    case PB_EMPTY:
        break;
    }
    ASSERT_NEVER("not a single value");
}

enum pb_set
pb_known_set(struct call *call, const struct pb_message *schema, const struct pb_token *token,
             const struct pb_place *place, ProtobufCMessage **slot)
{
    ProtobufCMessage *message = *slot != NULL ? *slot : pb_new(call->arena, schema);
    enum pb_set result;

    if (message == NULL) {
        return PB_EXHAUSTED;
    }
    result = set_known(call, schema, token, place, message);
    if (result == PB_SET) {
        *slot = message;
    }
    return result;
}
