/*
 * Who may call what: the contract's access rules held against a caller. The gateway asks it to
 * refuse early, every service asks it again.
 */
#ifndef DEPOT_AUTH_POLICY_H
#define DEPOT_AUTH_POLICY_H

#include "base/call.h"
#include "pb/schema.h"

struct auth_policy {
    bool enforced;    /* AUTH_MODE=on; else everybody may do everything, as nobody in particular */
    bool public_read; /* PUBLIC_READ=on */
};

/*
 * STATUS_OK, or the call's problem: TOKEN_MISSING (nobody is known, and somebody is asked for) or
 * NOT_ALLOWED (the role is too low; a method for who logged in was called with an API key; the
 * scopes of an API key do not hold `<service>.read` or, for methods with side effects,
 * `<service>.write`; an OPERATOR's method). call->caller is who asks; zero: nobody.
 */
enum status auth_policy_check(const struct auth_policy *self, struct call *call,
                              const struct pb_method *method) MUST_CHECK;

/*
 * Whether it matters to the method who asks. Where it does not, credentials are not looked at: a
 * client whose access token is over sends it along with the request for the next one.
 */
bool auth_policy_asks(const struct pb_method *method);

/* Whether the caller reaches what is somebody else's with this method. */
bool auth_policy_sees_all(const struct auth_policy *self, const struct caller *caller,
                          const struct pb_method *method);

/* The caller with AUTH_MODE=off: nobody, with the role ADMIN. */
extern const struct caller auth_nobody_in_charge;

/* MEMBER of "member"; -1 if it is none of member, manager, admin. */
int auth_role_parse(const char *text);
const char *
auth_role_name(unsigned role); /* "anonymous", "member", "manager", "admin", "operator" */

#endif
