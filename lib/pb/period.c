#include "pb/period.h"

#include <google/protobuf/timestamp.pb-c.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/update.h"

static const Google__Protobuf__Timestamp *
time_at(const struct pb_message *schema, int16_t index, const ProtobufCMessage *message)
{
    const void *slot = pb_member_const(&schema->fields[index], message);

    return *(const Google__Protobuf__Timestamp *const *)slot;
}

static bool
refused_at(struct call *call, const struct pb_message *schema, int16_t index,
           const struct pb_place *parent)
{
    const struct pb_place place = {parent, schema->fields[index < 0 ? 0 : index].json_name,
                                   PB_NAME_TEXT};

    return index >= 0 && pb_place_refused(call, &place);
}

static bool
is_unbounded(const struct pb_message *schema, const ProtobufCMessage *message)
{
    int16_t index = schema->period->unbounded;

    return index >= 0 &&
           *(const protobuf_c_boolean *)pb_member_const(&schema->fields[index], message);
}

static void
check_order(struct call *call, const struct pb_message *schema,
            const Google__Protobuf__Timestamp *start, const Google__Protobuf__Timestamp *end,
            const struct pb_place *parent)
{
    const char *start_name = schema->fields[schema->period->start].json_name;
    const struct pb_place place = {parent, schema->fields[schema->period->end].json_name,
                                   PB_NAME_TEXT};

    if (end->seconds == start->seconds && end->nanos == start->nanos) {
        pb_refuse_value(call, &reason_period_empty, &place,
                        "must lie after `%s`; it is the same moment.", start_name);
    } else if (end->seconds < start->seconds ||
               (end->seconds == start->seconds && end->nanos < start->nanos)) {
        pb_refuse_value(call, &reason_period_reversed, &place,
                        "must lie after `%s`; it lies before it.", start_name);
    }
}

/* What a message says of a period. */
struct period {
    const Google__Protobuf__Timestamp *start, *end;
    bool unbounded;
    bool whole; /* nothing else decides: an end that is not here is not there */
};

static void
check_ends(struct call *call, const struct pb_message *schema, const struct period *said,
           const struct pb_place *place)
{
    const struct pb_period *period = schema->period;

    if (refused_at(call, schema, period->start, place) ||
        refused_at(call, schema, period->end, place) ||
        refused_at(call, schema, period->unbounded, place)) {
        return;
    }
    if (said->unbounded && (said->start != NULL || said->end != NULL)) {
        const struct pb_place at = {place, schema->fields[period->unbounded].json_name,
                                    PB_NAME_TEXT};

        pb_refuse_value(call, &reason_period_contradictory, &at,
                        "is true: then neither `%s` nor `%s` may be given.",
                        schema->fields[period->start].json_name,
                        schema->fields[period->end].json_name);
    } else if (said->start != NULL && said->end != NULL) {
        check_order(call, schema, said->start, said->end, place);
    } else if (said->whole && said->start == NULL && said->end == NULL && !said->unbounded &&
               period->unbounded >= 0) {
        pb_refuse(call, &reason_period_missing, place,
                  "Give `%s`, `%s` or both; for a period without bounds set `%s` to true.",
                  schema->fields[period->start].json_name, schema->fields[period->end].json_name,
                  schema->fields[period->unbounded].json_name);
    }
}

void
pb_period_check(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message,
                const struct pb_place *place)
{
    const struct period said = {
        .start = time_at(schema, schema->period->start, message),
        .end = time_at(schema, schema->period->end, message),
        .unbounded = is_unbounded(schema, message),
        .whole = true,
    };

    check_ends(call, schema, &said, place);
}

void
pb_period_check_update(struct call *call, const struct pb_message *schema,
                       const ProtobufCMessage *request, const struct pb_place *place)
{
    const struct pb_message *thing = pb_update_target_schema(schema);
    const ProtobufCMessage *message = pb_update_target(schema, request);
    const struct pb_period *period = thing->period;
    bool starts = pb_update_names(schema, request, &thing->fields[period->start]);
    bool ends = pb_update_names(schema, request, &thing->fields[period->end]);
    const struct period said = {
        .start = starts ? time_at(thing, period->start, message) : NULL,
        .end = ends ? time_at(thing, period->end, message) : NULL,
        .unbounded = is_unbounded(thing, message) &&
                     pb_update_names(schema, request, &thing->fields[period->unbounded]),
        .whole = starts && ends,
    };

    check_ends(call, thing, &said, place);
}
