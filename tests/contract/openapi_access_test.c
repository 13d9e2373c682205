/*
 * Who may call what stands in both OpenAPI documents, and what an operation answers to those who
 * may not. All of it is held against the tables of the contract, by which gateway and services
 * decide.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "depot/auth/v1/authority.schema.h"
#include "document.h"
#include "http/transcode.h"
#include "pb/schema.h"

static const struct reason *
named(const char *name)
{
    const struct reason *reason = http_reason_find(&http_contract, name);

    cr_assert_not_null(reason, "%s", name);
    return reason;
}

/* Calls `check` for each route and its operation in each document. */
static void (*check_one)(const json_t *document, const json_t *operation,
                         const struct pb_method *method);

static void
check_document(const json_t *document)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];

        check_one(document, operation_of(document, route), route->method);
    }
}

static void
each_operation(void (*check)(const json_t *document, const json_t *operation,
                             const struct pb_method *method))
{
    check_one = check;
    cr_assert_gt(http_contract.n_routes, 20);
    each_document(check_document);
}

static bool
lists(const struct pb_method *method, const struct reason *reason)
{
    size_t i = 0;

    while (method->reasons[i] != NULL && method->reasons[i] != reason) {
        i++;
    }
    return method->reasons[i] != NULL;
}

static bool
lists_status(const struct pb_method *method, unsigned status)
{
    size_t i = 0;

    while (method->reasons[i] != NULL && (unsigned)method->reasons[i]->http_status != status) {
        i++;
    }
    return method->reasons[i] != NULL;
}

/* --- failures --- */

/* Where it does not matter who asks, credentials are not looked at. */
static void
check_reasons(const json_t *document, const json_t *operation, const struct pb_method *method)
{
    static const char *const of_callers[] = {"TOKEN_MISSING", "TOKEN_INVALID",  "TOKEN_EXPIRED",
                                             "TOKEN_REVOKED", "ACCESS_UNKNOWN", "NOT_ALLOWED"};

    for (size_t i = 0; i < sizeof of_callers / sizeof of_callers[0]; i++) {
        const struct reason *reason = named(of_callers[i]);

        cr_assert_eq(offers_reason(document, operation, reason),
                     method->access != PB_ROLE_ANONYMOUS || lists(method, reason), "%s %s",
                     method->name, of_callers[i]);
    }
}

Test(openapi_access, each_operation_has_the_reasons_of_its_rule)
{
    each_operation(check_reasons);
}

static void
check_statuses(const json_t *document, const json_t *operation, const struct pb_method *method)
{
    json_t *unknown = at(operation, "responses", "401", NULL);
    const char *reference = json_string_value(at(unknown, "headers", "WWW-Authenticate", "$ref"));
    json_t *header = at(document, "components", "headers", "WWW-Authenticate");

    cr_assert_eq(unknown != NULL, method->access != PB_ROLE_ANONYMOUS || lists_status(method, 401),
                 "%s", method->name);
    if (unknown == NULL) {
        return;
    }
    cr_assert_not_null(reference, "%s", method->name);
    cr_assert_str_eq(reference, "#/components/headers/WWW-Authenticate");
    cr_assert(json_is_true(json_object_get(header, "required")));
    cr_assert_eq(at(operation, "responses", "403", NULL) != NULL,
                 method->access != PB_ROLE_ANONYMOUS || lists_status(method, 403), "%s",
                 method->name);
}

Test(openapi_access, each_operation_can_say_401_and_403_where_it_may)
{
    each_operation(check_statuses);
}

/* --- security --- */

static size_t
count_scheme(const json_t *security, const char *name)
{
    const json_t *one;
    size_t i, n = 0;

    json_array_foreach(security, i, one)
    {
        const json_t *scopes = json_object_get(one, name);

        cr_assert_eq(json_object_size(one), 1, "any one of them will do");
        cr_assert(scopes == NULL || json_array_size(scopes) == 0);
        n += scopes != NULL;
    }
    return n;
}

static void
check_security(const json_t *document, const json_t *operation, const struct pb_method *method)
{
    const json_t *security = json_object_get(operation, "security");
    bool asks = method->access != PB_ROLE_ANONYMOUS;

    (void)document;
    cr_assert(json_is_array(security), "%s", method->name);
    cr_assert_eq(count_scheme(security, "bearer"), asks, "%s", method->name);
    cr_assert_eq(count_scheme(security, "basic"), asks && !method->session_only, "%s",
                 method->name);
    cr_assert_eq(json_array_size(security), asks + (asks && !method->session_only));
}

Test(openapi_access, each_operation_says_how_to_be_known)
{
    each_operation(check_security);
}

static void
check_schemes(const json_t *document)
{
    static const char *const names[] = {"bearer", "basic"};
    json_t *schemes = at(document, "components", "securitySchemes", NULL);

    cr_assert_eq(json_object_size(schemes), 2);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_str_eq(json_string_value(at(schemes, names[i], "type", NULL)), "http");
        cr_assert_str_eq(json_string_value(at(schemes, names[i], "scheme", NULL)), names[i]);
    }
    cr_assert_null(json_object_get(document, "security"), "each operation says its own");
}

Test(openapi_access, the_schemes_are_two_of_http)
{
    each_document(check_schemes);
}

/* --- words --- */

static const char *const role_words[] = {[PB_ROLE_ANONYMOUS] = "Whoever asks may call it.",
                                         [PB_ROLE_MEMBER] = "role `member` or",
                                         [PB_ROLE_MANAGER] = "role `manager` or",
                                         [PB_ROLE_ADMIN] = "role `admin`."};

static const char *const others_words[] = {[PB_ROLE_MEMBER] = "Callers below `member` reach",
                                           [PB_ROLE_MANAGER] = "Callers below `manager` reach",
                                           [PB_ROLE_ADMIN] = "Callers below `admin` reach",
                                           [PB_ROLE_OPERATOR] = "Callers reach only their own."};

/* Whether the derived part of the description, behind the contract's own text, has the words. */
static bool
says(const json_t *operation, const struct pb_method *method, const char *words)
{
    const char *text = json_string_value(json_object_get(operation, "description"));

    return strstr(text + strlen(method->text), words) != NULL;
}

static void
check_words(const json_t *document, const json_t *operation, const struct pb_method *method)
{
    (void)document;
    cr_assert_neq(method->access, PB_ROLE_OPERATOR, "%s is the operator's", method->name);
    for (unsigned i = PB_ROLE_ANONYMOUS; i <= PB_ROLE_ADMIN; i++) {
        cr_assert_eq(says(operation, method, role_words[i]), method->access == i, "%s %s",
                     method->name, role_words[i]);
    }
    for (unsigned i = PB_ROLE_MEMBER; i <= PB_ROLE_OPERATOR; i++) {
        cr_assert_eq(says(operation, method, others_words[i]), method->others == i, "%s %s",
                     method->name, others_words[i]);
    }
    cr_assert_eq(says(operation, method, "an API key will not do"), method->session_only);
    cr_assert_eq(says(operation, method, "PUBLIC_READ=on"), method->public_read);
    cr_assert_eq(says(operation, method, method->no_side_effects ? ".read`" : ".write`"),
                 method->access != PB_ROLE_ANONYMOUS && !method->session_only);
}

Test(openapi_access, each_operation_says_who_may_call_it)
{
    each_operation(check_words);
}

static void
check_tag(const json_t *document, const json_t *operation, const struct pb_method *method)
{
    const json_t *tags = json_object_get(operation, "tags"), *tag;
    size_t i, n = 0;

    cr_assert_eq(json_array_size(tags), 1);
    cr_assert_str_eq(json_string_value(json_array_get(tags, 0)), method->service->short_name);
    json_array_foreach(json_object_get(document, "tags"), i, tag)
    {
        n += strcmp(json_string_value(json_object_get(tag, "name")), method->service->short_name) ==
             0;
    }
    cr_assert_eq(n, 1, "%s is declared %zu times", method->service->short_name, n);
}

Test(openapi_access, operations_are_filed_under_their_service)
{
    each_operation(check_tag);
}

/* --- what has no route --- */

static bool
has_route(const struct pb_method *method)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        if (http_contract.routes[i].method == method) {
            return true;
        }
    }
    return false;
}

static bool
has_operation(const json_t *document, const char *id)
{
    json_t *verbs, *operation;
    const char *path, *verb;

    json_object_foreach(json_object_get(document, "paths"), path, verbs)
    {
        json_object_foreach(verbs, verb, operation)
        {
            if (strcmp(json_string_value(json_object_get(operation, "operationId")), id) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Returns how many methods of the service have no route. */
static size_t
check_inner_methods(const json_t *document, const struct pb_service *service)
{
    size_t n = 0;

    for (size_t i = 0; i < service->n_methods; i++) {
        const struct pb_method *method = service->methods[i];
        bool is_routed = has_route(method);

        cr_assert_eq(has_operation(document, method->name), is_routed, "%s", method->name);
        cr_assert_not(is_routed && method->access == PB_ROLE_OPERATOR, "%s", method->name);
        n += !is_routed;
    }
    return n;
}

static void
check_inner(const json_t *document)
{
    size_t n = 0;

    for (size_t i = 0; http_contract.services[i] != NULL; i++) {
        n += check_inner_methods(document, http_contract.services[i]);
    }
    cr_assert_gt(n, 0, "the operator's");
    cr_assert_eq(check_inner_methods(document, &depot__auth__v1__authority__service),
                 depot__auth__v1__authority__service.n_methods);
}

Test(openapi_access, what_has_no_route_is_no_operation)
{
    each_document(check_inner);
}
