/*
 * A matched request to a message of its method. Each value has one source: the path first, then
 * the body's field or whole, and for what is left the query. Nothing is guessed: what has no place
 * in the contract is a violation, and a value never comes from two places.
 */
#include "http/transcode.h"

#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "http/update.h"
#include "http/validate_only.h"
#include "pb/json.h"
#include "pb/place.h"
#include "pb/presence.h"
#include "pb/text.h"
#include "pb/time.h"
#include "pb/update.h"
#include "pb/validate.h"
#include "pb/value.h"

/* A request on its way to be a message. */
struct reading {
    struct call *call;
    const struct http_match *match;
    const struct pb_message *schema;
    ProtobufCMessage *message;
    bool *seen; /* query parameters, by field; NULL: there is no query */
    bool seen_validate_only;
};

/* A query parameter, decoded. */
struct parameter {
    const char *name, *value;
    size_t name_bytes, value_bytes;
    bool value_valid;
};

static enum status
out_of_memory(struct call *call)
{
    call_drop_violations(call);
    return call_fail(call, &reason_internal_error, "The request needs more memory than allowed.");
}

/* The places of top-level members are below it. */
static const struct pb_place root = {NULL, "", 0};

static struct pb_place
place_of(const struct pb_field *field)
{
    return (struct pb_place){&root, field->json_name, PB_NAME_TEXT};
}

/* --- the path --- */

static enum status
read_variable(struct reading *self, const struct http_variable *variable)
{
    const struct pb_field *field = &self->schema->fields[variable->field];
    const struct pb_place place = place_of(field);
    const char *text;
    size_t bytes;

    if (!http_percent_decode(self->call->arena, variable->text, variable->bytes, false, &text,
                             &bytes)) {
        pb_refuse_value(self->call, &reason_bad_path, &place,
                        "is no percent-encoded UTF-8 text in the path.");
        return STATUS_OK;
    }
    return pb_text_set(self->call, field, self->message, text, bytes);
}

/* NOT_FOUND if a variable can name nothing; other violations wait for their companions. */
static enum status
read_path(struct reading *self)
{
    const struct http_match *match = self->match;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < match->n_variables && status == STATUS_OK; i++) {
        status = read_variable(self, &match->variables[i]);
    }
    if (status == STATUS_OK && match->n_variables != 0) {
        status = pb_validate_fields(self->call, self->schema, self->message,
                                    match->route->method->scope);
        status = status == STATUS_INVALID_ARGUMENT ? STATUS_OK : status;
    }
    return status;
}

static bool
is_variable(const struct http_match *match, const struct pb_message *schema,
            const struct pb_field *field)
{
    for (size_t i = 0; i < match->n_variables; i++) {
        if (&schema->fields[match->variables[i].field] == field) {
            return true;
        }
    }
    return false;
}

/* --- the query --- */

/* Whether pb_text_set can set the field. */
static bool
is_textual(const struct pb_field *field)
{
    if (field->is_map) {
        return false;
    }
    if (field->message == NULL) {
        return true;
    }
    return field->descriptor->label != PROTOBUF_C_LABEL_REPEATED &&
           field->message->known != PB_ORDINARY && field->message->known != PB_EMPTY;
}

static bool
is_parameter(const struct reading *self, const struct pb_field *field)
{
    int16_t body = self->match->route->body;

    return body != HTTP_BODY_WHOLE && !field->rule.if_match &&
           !(body >= 0 && field == &self->schema->fields[body]) && is_textual(field) &&
           !is_variable(self->match, self->schema, field);
}

/* The names that would be known, for people: "pageSize, pageToken"; "" if there is none. */
static const char *
parameter_names(const struct reading *self)
{
    const char *names = self->match->route->method->validate_only ? "validateOnly" : "";

    for (size_t i = 0; i < self->schema->n_fields && names != NULL; i++) {
        const struct pb_field *field = &self->schema->fields[i];

        if (is_parameter(self, field)) {
            names = arena_printf(self->call->arena, "%s%s%s", names, names[0] == '\0' ? "" : ", ",
                                 field->json_name);
        }
    }
    return names == NULL ? "" : names;
}

static void
unknown_parameter(struct reading *self, const struct parameter *parameter)
{
    const struct pb_place place = {&root, parameter->name, parameter->name_bytes};
    const char *names = parameter_names(self);

    if (names[0] == '\0') {
        pb_refuse_value(self->call, &reason_unknown_parameter, &place,
                        "is no query parameter here; there are none.");
    } else {
        pb_refuse_value(self->call, &reason_unknown_parameter, &place,
                        "is no query parameter here; the parameters are: %s.", names);
    }
}

static void
twice(struct reading *self, const struct pb_field *field)
{
    const struct pb_place place = place_of(field);

    if (strcmp(field->json_name, field->name) == 0) {
        pb_refuse_value(self->call, &reason_duplicate_parameter, &place,
                        "may stand only once in the query.");
    } else {
        pb_refuse_value(self->call, &reason_duplicate_parameter, &place,
                        "may stand only once in the query; `%s` is the same.", field->name);
    }
}

/* Whether it would be a time, had its offset's '+' not been read as a space, as forms want it. */
static bool
lost_a_plus(struct call *call, const struct pb_field *field, const struct parameter *parameter)
{
    Google__Protobuf__Timestamp time;
    char *copy, *space;

    if (field->message == NULL || field->message->known != PB_TIMESTAMP) {
        return false;
    }
    copy = arena_copy(call->arena, parameter->value, parameter->value_bytes);
    space = copy == NULL ? NULL : strchr(copy, ' ');
    if (space == NULL) {
        return false;
    }
    *space = '+';
    return pb_time_parse(copy, parameter->value_bytes, &time);
}

static enum status
read_value(struct reading *self, const struct pb_field *field, const struct parameter *parameter)
{
    const struct pb_place place = place_of(field);
    bool *seen = &self->seen[field - self->schema->fields];

    if (*seen && field->descriptor->label != PROTOBUF_C_LABEL_REPEATED) {
        twice(self, field);
        return STATUS_OK;
    }
    *seen = true;
    if (!parameter->value_valid) {
        pb_refuse_value(self->call, &reason_bad_format, &place,
                        "is no percent-encoded UTF-8 text.");
        return STATUS_OK;
    }
    if (lost_a_plus(self->call, field, parameter)) {
        pb_refuse_value(self->call, &reason_bad_timestamp, &place,
                        "has a space where its offset's '+' was: write it as %%2B in a query.");
        return STATUS_OK;
    }
    return pb_text_set(self->call, field, self->message, parameter->value, parameter->value_bytes);
}

static enum status
read_parameter(struct reading *self, const struct parameter *parameter)
{
    const struct pb_field *field =
        pb_field_find(self->schema, parameter->name, parameter->name_bytes);

    if (http_validate_only_is(self->match->route->method, parameter->name, parameter->name_bytes)) {
        http_validate_only_read(self->call, parameter->value_valid ? parameter->value : NULL,
                                parameter->value_bytes, &self->seen_validate_only);
        return STATUS_OK;
    }
    if (field == NULL || !is_parameter(self, field)) {
        unknown_parameter(self, parameter);
        return STATUS_OK;
    }
    return read_value(self, field, parameter);
}

/* Cuts `name=value`; a part without '=' is a name with an empty value. */
static void
parameter_cut(struct arena *arena, const char *text, size_t bytes, struct parameter *out)
{
    const char *equals = memchr(text, '=', bytes);

    out->name = text;
    out->name_bytes = equals == NULL ? bytes : (size_t)(equals - text);
    out->value = equals == NULL ? text + bytes : equals + 1;
    out->value_bytes = (size_t)(text + bytes - out->value);
    /* A name that cannot be decoded stays as it is, and is unknown. */
    (void)http_percent_decode(arena, out->name, out->name_bytes, true, &out->name,
                              &out->name_bytes);
    out->value_valid = http_percent_decode(arena, out->value, out->value_bytes, true, &out->value,
                                           &out->value_bytes);
}

static enum status
read_query(struct reading *self, const char *query, size_t bytes)
{
    const char *end = query + bytes;
    enum status status = STATUS_OK;

    self->seen = arena_zalloc(self->call->arena, self->schema->n_fields * sizeof(*self->seen));
    if (self->seen == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    while (query != end && status == STATUS_OK) {
        const char *and = memchr(query, '&', (size_t)(end - query));
        const char *stop = and == NULL ? end : and;

        if (stop != query) { /* "a=1&&b=2": nothing stands between the two */
            struct parameter parameter;

            parameter_cut(self->call->arena, query, (size_t)(stop - query), &parameter);
            status = read_parameter(self, &parameter);
        }
        query = and == NULL ? end : stop + 1;
    }
    return status;
}

/* --- the body --- */

/* The path's values into a message that was read from the whole body. */
static void
take_over_path(struct reading *self, ProtobufCMessage *body)
{
    for (size_t i = 0; i < self->match->n_variables; i++) {
        const struct pb_field *field = &self->schema->fields[self->match->variables[i].field];

        const struct pb_place place = place_of(field);

        if (pb_is_filled(field, body)) {
            pb_refuse_value(self->call, &reason_unknown_field, &place,
                            "is said by the path; the body may not say it.");
        }
        memcpy(pb_member(field, body), pb_member_const(field, self->message), pb_slot_bytes(field));
    }
    self->message = body;
}

/* A body without a mask beside it, or with an empty one, says itself what is to be changed. */
static bool
wants_mask(const struct reading *self, const struct pb_field *field)
{
    const struct pb_update *update = self->schema->update;
    const Google__Protobuf__FieldMask *mask;

    if (update == NULL || field != &self->schema->fields[update->target]) {
        return false;
    }
    mask = pb_update_mask(self->schema, self->message);
    return self->seen == NULL || !self->seen[update->mask] || (mask != NULL && mask->n_paths == 0);
}

static enum status
read_field(struct reading *self, const struct pb_field *field, const char *body, size_t bytes)
{
    const struct pb_place place = place_of(field);
    char prefix[PB_PLACE_BYTES];
    const uint64_t *named;
    enum status status;

    pb_place_write(&place, prefix);
    status = pb_json_read_named(self->call, field->message, prefix, body, bytes,
                                (ProtobufCMessage **)pb_member(field, self->message), &named);
    if (status == STATUS_OK && wants_mask(self, field)) {
        status = http_update_mask_derive(self->call, self->schema, self->message, named);
    }
    return status;
}

static enum status
read_whole(struct reading *self, const char *body, size_t bytes)
{
    ProtobufCMessage *message;
    enum status status = pb_json_read(self->call, self->schema, "", body, bytes, &message);

    if (status == STATUS_OK) {
        take_over_path(self, message);
    }
    return status;
}

static enum status
read_body(struct reading *self, const char *body, size_t bytes)
{
    int16_t index = self->match->route->body;

    if (index >= 0) {
        return read_field(self, &self->schema->fields[index], body, bytes);
    }
    if (index == HTTP_BODY_WHOLE) {
        return read_whole(self, body, bytes);
    }
    if (bytes != 0) {
        pb_refuse(self->call, &reason_body_not_allowed, &root,
                  "The method takes no body; this request has one.");
    }
    return STATUS_OK;
}

enum status
http_request_read(struct call *call, const struct http_match *match, const char *query,
                  size_t query_bytes, const char *body, size_t body_bytes,
                  ProtobufCMessage **message)
{
    struct reading self = {.call = call,
                           .match = match,
                           .schema = match->route->method->request,
                           .message = pb_new(call->arena, match->route->method->request)};
    enum status status = self.message == NULL ? STATUS_RESOURCE_EXHAUSTED : read_path(&self);

    if (status == STATUS_OK && query_bytes != 0) {
        status = read_query(&self, query, query_bytes);
    }
    if (status == STATUS_OK) {
        status = read_body(&self, body, body_bytes);
    }
    if (status == STATUS_OK) {
        status = pb_validate(call, self.schema, self.message);
    }
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        return out_of_memory(call);
    }
    if (status == STATUS_OK) {
        *message = self.message;
    }
    return status;
}
