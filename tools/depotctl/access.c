/* Who may call a method, in a few words. */
#include "auth/policy.h"
#include "ctl.h"

const char *
access_text(struct arena *arena, const struct pb_method *method)
{
    const char *role = auth_role_name(method->access);

    if (method->every_ms != 0) {
        return arena_printf(arena, "%s; every %u ms", role, (unsigned)method->every_ms);
    }
    if (method->others == PB_ROLE_OPERATOR) {
        return arena_printf(arena, "%s, own", role);
    }
    if (method->others != PB_ROLE_ANONYMOUS) { /* the rule does not speak of others */
        return arena_printf(arena, "%s; others %s", role, auth_role_name(method->others));
    }
    return role;
}
