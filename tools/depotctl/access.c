/* Who may call a method, in a few words. */
#include "ctl.h"

static const char *const role_names[] = {
    [PB_ROLE_ANONYMOUS] = "anonymous", [PB_ROLE_MEMBER] = "member",
    [PB_ROLE_MANAGER] = "manager",     [PB_ROLE_ADMIN] = "admin",
    [PB_ROLE_OPERATOR] = "operator",
};

const char *
access_text(struct arena *arena, const struct pb_method *method)
{
    const char *role = role_names[method->access];

    if (method->every_ms != 0) {
        return arena_printf(arena, "%s; every %u ms", role, (unsigned)method->every_ms);
    }
    if (method->others == PB_ROLE_OPERATOR) {
        return arena_printf(arena, "%s, own", role);
    }
    if (method->others != PB_ROLE_ANONYMOUS) { /* the rule does not speak of others */
        return arena_printf(arena, "%s; others %s", role, role_names[method->others]);
    }
    return role;
}
