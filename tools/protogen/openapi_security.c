/* Who may call an operation: how callers make themselves known, and what the contract asks of them.
 */
#include "name.h"
#include "openapi.h"

/* Either way an API key is one; an access token is one of `bearer` only. */
static const struct scheme {
    const char *key, *scheme, *format, *description;
} schemes[] = {
    {"bearer", "bearer", "JWT",
     "An access token, as a login gives it, or an API key. The word `Bearer` is put before it."},
    {"basic", "basic", NULL, "An API key as the user name, with an empty password."},
};

enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

void
openapi_security_schemes(struct doc *doc)
{
    doc_object(doc, "securitySchemes");
    for (size_t i = 0; i < SCHEMES; i++) {
        doc_object(doc, schemes[i].key);
        doc_string(doc, "type", "http");
        doc_string(doc, "scheme", schemes[i].scheme);
        if (schemes[i].format != NULL) {
            doc_string(doc, "bearerFormat", schemes[i].format);
        }
        doc_string(doc, "description", schemes[i].description);
        doc_end(doc);
    }
    doc_end(doc);
}

static bool
asks_who(const struct def_method *method)
{
    return method != NULL && method->rule->access != DEPOT__RPC__V1__ROLE__ANONYMOUS;
}

/* API keys, which alone come as `basic`, are for programs. */
void
openapi_put_security(struct doc *doc, const struct def_method *method)
{
    size_t n = !asks_who(method) ? 0 : method->rule->session_only ? 1 : SCHEMES;

    doc_array(doc, "security");
    for (size_t i = 0; i < n; i++) {
        doc_object(doc, NULL);
        doc_array(doc, schemes[i].key);
        doc_end(doc);
        doc_end(doc);
    }
    doc_end(doc);
}

/* --- in words --- */

/* `member`, as tokens and messages have it. */
static const char *
role_word(struct arena *arena, Depot__Rpc__V1__Role role)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&depot__rpc__v1__role__descriptor, (int)role);

    return value != NULL ? name_lower(arena, value->name) : "";
}

static void
put_role(struct buf *out, struct arena *arena, const struct def_method *method)
{
    const Depot__Rpc__V1__MethodRule *rule = method->rule;

    if (!asks_who(method)) {
        buf_puts(out, "Whoever asks may call it.");
        return;
    }
    buf_printf(out, "It takes the role `%s`%s.", role_word(arena, rule->access),
               rule->access == DEPOT__RPC__V1__ROLE__ADMIN ? "" : " or a higher one");
    if (rule->public_read) {
        buf_puts(out, " With `PUBLIC_READ=on` whoever asks may call it.");
    }
}

static void
put_owner(struct buf *out, struct arena *arena, const struct def_method *method)
{
    Depot__Rpc__V1__Role others = method->rule->others;

    if (others == DEPOT__RPC__V1__ROLE__OPERATOR) {
        buf_puts(out, " Callers reach only their own.");
    } else if (others != DEPOT__RPC__V1__ROLE__ROLE_UNSPECIFIED) {
        buf_printf(out, " Callers below `%s` reach only their own, unless it says otherwise above.",
                   role_word(arena, others));
    }
}

static void
put_programs(struct buf *out, const struct def_method *method)
{
    if (method->rule->session_only) {
        buf_puts(out, " It is for people who log in: an API key will not do.");
    } else if (asks_who(method)) {
        buf_printf(out, " An API key with scopes needs `%s.%s`.", method->service->short_name,
                   method->no_side_effects ? "read" : "write");
    }
}

void
openapi_put_description(struct doc *doc, struct arena *arena, const struct def_method *method)
{
    struct buf text = BUF_INIT;

    buf_printf(&text, "%s\n\n", method->comment);
    put_role(&text, arena, method);
    put_owner(&text, arena, method);
    put_programs(&text, method);
    buf_putc(&text, '\0');
    doc_string(doc, "description", text.data);
    buf_fini(&text);
}
