/*
 * Who asks, and whether they may: found out when the route is known, before anything of the
 * client's share is taken and before the body is looked at. Only the methods of the contract are
 * guarded: that there is nothing at a path, or no such verb, is told to everybody.
 *
 * An API key that is not known has to be asked about: the request waits for that with its body
 * read, so that no more than one thing of it is ever waited for.
 */
#ifndef DEPOT_GATEWAY_EXCHANGE_ACCESS_H
#define DEPOT_GATEWAY_EXCHANGE_ACCESS_H

#include "base/buf.h"
#include "exchange.h"

/*
 * Holds the request of a route's method against its access rule: TOKEN_MISSING, TOKEN_INVALID,
 * TOKEN_EXPIRED, TOKEN_REVOKED, NOT_ALLOWED, ACCESS_UNKNOWN. With STATUS_OK `awaits_token` may be
 * set: then nothing is known yet.
 */
enum status exchange_find_caller(struct exchange *self) MUST_CHECK;

/*
 * Asks what the API key is good for. Answers the request if that cannot be asked; else it goes on
 * with exchange_go_on later, or is answered with the problem.
 */
void exchange_await_token(struct exchange *self);

/* Appends WWW-Authenticate (RFC 9110, 11.6.1, with the parameters of RFC 6750, 3) to a 401. */
void exchange_write_challenge(const struct exchange *self, int status, struct buf *fields);

#endif
