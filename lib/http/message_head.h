/*
 * What a complete head must hold to, inside the library: Host, the body's length, expectations, the
 * target. And how a message is refused.
 */
#ifndef DEPOT_HTTP_MESSAGE_HEAD_H
#define DEPOT_HTTP_MESSAGE_HEAD_H

#include <stdbool.h>

#include "http/message.h"

/* False: the message is refused. Sets what the head says about target and expectation. */
bool http_message_check_head(struct http_message *self);

/* Refuse the message; the first refusal stays. All return -1, as callbacks of llhttp do. */
int http_message_refuse(struct http_message *self, const struct reason *reason, const char *detail);
int http_message_malformed(struct http_message *self, const char *detail);
int http_message_too_large(struct http_message *self);

#endif
