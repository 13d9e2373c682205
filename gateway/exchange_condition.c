/*
 * If-Match and If-None-Match (RFC 9110, 13). A method whose request has a field for it gets
 * If-Match as data, and decides in the statement that writes; what only reads is decided here, by
 * the tag of what was read.
 */
#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "exchange.h"

static enum status
read_one(struct exchange *self, const char *name, const char *shown, enum http_condition *out)
{
    *out = http_condition_read(&self->message, name);
    if (*out == HTTP_CONDITION_BAD) {
        return call_fail(&self->call, &reason_bad_condition,
                         "%s must be * or up to %d entity tags in quotes, such as \"7\", \"8\".",
                         shown, LIMIT_HTTP_TAGS);
    }
    return STATUS_OK;
}

enum status
exchange_read_conditions(struct exchange *self)
{
    const struct http_route *route = self->match.route;
    bool reads = route == NULL || route->method->no_side_effects;
    bool takes_match = reads || route->method->request->if_match >= 0;
    enum status status = read_one(self, "if-match", "If-Match", &self->if_match);

    if (status == STATUS_OK) {
        status = read_one(self, "if-none-match", "If-None-Match", &self->if_none_match);
    }
    if (status == STATUS_OK && self->if_match != HTTP_CONDITION_NONE && !takes_match) {
        status = call_fail(&self->call, &reason_bad_condition, "The method takes no If-Match.");
    }
    if (status == STATUS_OK && self->if_none_match != HTTP_CONDITION_NONE && !reads) {
        status = call_fail(&self->call, &reason_bad_condition,
                           "If-None-Match is for GET and HEAD; the method takes none.");
    }
    return status;
}

enum status
exchange_hand_over_match(struct exchange *self, ProtobufCMessage *request)
{
    const struct pb_message *schema = self->match.route->method->request;
    char **member;

    if (self->if_match == HTTP_CONDITION_NONE || schema->if_match < 0) {
        return STATUS_OK;
    }
    member = pb_member(&schema->fields[schema->if_match], request);
    *member = self->if_match == HTTP_CONDITION_ANY
                  ? arena_strdup(&self->arena, "*")
                  : http_condition_join(&self->message, "if-match", &self->arena);
    if (*member == NULL) {
        return call_fail(&self->call, &reason_internal_error, "No memory for the condition.");
    }
    self->if_match = HTTP_CONDITION_NONE; /* the service decides */
    return STATUS_OK;
}

enum status
exchange_check_match(struct exchange *self)
{
    if (self->if_match == HTTP_CONDITION_TAGS &&
        !http_condition_names(&self->message, "if-match", &self->etag, true)) {
        return call_fail(&self->call, &reason_etag_mismatch,
                         "What is there now has another version than If-Match names.");
    }
    return STATUS_OK;
}

bool
exchange_unchanged(const struct exchange *self)
{
    if (self->etag.text == NULL || self->if_none_match == HTTP_CONDITION_NONE) {
        return false;
    }
    return self->if_none_match == HTTP_CONDITION_ANY ||
           http_condition_names(&self->message, "if-none-match", &self->etag, false);
}
