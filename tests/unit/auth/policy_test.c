/* Who may call what: every rule of a contract against every kind of caller. */
#include "auth/policy.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"

static struct arena arena;
static const struct pb_service service = {.short_name = "inventory"};

static void
open_arena(void)
{
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
}

static void
close_arena(void)
{
    arena_fini(&arena);
}

TestSuite(policy, .init = open_arena, .fini = close_arena);

static const struct auth_policy on = {.enforced = true};
static const struct auth_policy off = {.enforced = false};
static const struct auth_policy reading = {.enforced = true, .public_read = true};

static const struct reason *
refusal_of(const struct auth_policy *policy, const struct caller *caller,
           const struct pb_method *method)
{
    struct call call;
    enum status status;

    call_init(&call, &arena);
    call.caller = *caller;
    status = auth_policy_check(policy, &call, method);
    cr_assert_eq(status, call.problem.reason == NULL ? STATUS_OK : call.problem.reason->code);
    return call.problem.reason;
}

static struct caller
person(unsigned role)
{
    return (struct caller){.id = "a", .name = "anna", .session = "s", .scope = "", .role = role};
}

static struct caller
program(unsigned role, const char *scope)
{
    return (struct caller){.id = "a",
                           .name = "anna",
                           .session = "s",
                           .scope = scope,
                           .role = role,
                           .is_program = true};
}

Test(policy, every_role_against_every_access)
{
    for (unsigned access = PB_ROLE_ANONYMOUS; access <= PB_ROLE_OPERATOR; access++) {
        struct pb_method method = {.service = &service, .access = access};

        for (unsigned role = PB_ROLE_ANONYMOUS; role <= PB_ROLE_OPERATOR; role++) {
            struct caller caller = person(role);
            const struct reason *wanted = NULL;

            if (role < access) {
                wanted = role == PB_ROLE_ANONYMOUS && access < PB_ROLE_OPERATOR
                             ? &reason_token_missing
                             : &reason_not_allowed;
            }
            cr_assert_eq(refusal_of(&on, &caller, &method), wanted, "%u calls %u", role, access);
        }
    }
}

/* Whoever reaches this may do all but what no peer may, and is an administrator to all queries. */
Test(policy, access_not_enforced)
{
    struct pb_method method = {.service = &service, .session_only = true, .others = PB_ROLE_ADMIN};

    for (unsigned access = PB_ROLE_ANONYMOUS; access < PB_ROLE_OPERATOR; access++) {
        method.access = access;
        cr_assert_null(refusal_of(&off, &auth_nobody_in_charge, &method));
        cr_assert_null(refusal_of(&off, &(struct caller){.scope = ""}, &method));
    }
    method.access = PB_ROLE_OPERATOR;
    cr_assert_eq(refusal_of(&off, &auth_nobody_in_charge, &method), &reason_not_allowed);
    cr_assert(auth_policy_sees_all(&off, &auth_nobody_in_charge, &method));
    cr_assert(auth_policy_sees_all(&off, &(struct caller){.scope = ""}, &method));
    cr_assert_str_eq(auth_nobody_in_charge.id, "");
}

Test(policy, reads_for_all)
{
    struct caller nobody = {.id = "", .name = "", .session = "", .scope = ""};
    struct caller anna = person(PB_ROLE_MEMBER), reader = program(PB_ROLE_MEMBER, "accounts.read");
    struct pb_method method = {.service = &service, .access = PB_ROLE_MEMBER, .public_read = true};

    cr_assert_null(refusal_of(&reading, &nobody, &method));
    cr_assert_eq(refusal_of(&on, &nobody, &method), &reason_token_missing);
    /* To be known is never worse than to be nobody. */
    method.access = PB_ROLE_MANAGER;
    cr_assert_null(refusal_of(&reading, &nobody, &method));
    cr_assert_null(refusal_of(&reading, &anna, &method));
    cr_assert_null(refusal_of(&reading, &reader, &method));
    cr_assert_eq(refusal_of(&on, &anna, &method), &reason_not_allowed);
    method.access = PB_ROLE_MEMBER;
    method.public_read = false;
    cr_assert_eq(refusal_of(&reading, &nobody, &method), &reason_token_missing);
    cr_assert_eq(refusal_of(&reading, &reader, &method), &reason_not_allowed);
    method.access = PB_ROLE_OPERATOR;
    method.public_read = true;
    cr_assert_eq(refusal_of(&reading, &nobody, &method), &reason_not_allowed);
}

Test(policy, scopes_of_api_keys)
{
    static const struct {
        const char *scope;
        bool reads, writes;
    } cases[] = {
        {"", true, true},
        {"inventory.read", true, false},
        {"inventory.write", false, true},
        {"inventory.read inventory.write", true, true},
        {"accounts.read inventory.write accounts.write", false, true},
        {"  inventory.read  ", true, false},
        {" ", false, false},
        {"accounts.read", false, false},
        {"inventory", false, false},
        {"inventory.", false, false},
        {"inventory.reads", false, false},
        {"inventory.rea", false, false},
        {"xinventory.read", false, false},
        {"inventory.readinventory.read", false, false},
        {"inventory.read,inventory.write", false, false},
        {"Inventory.read", false, false},
        {"inventoryxread", false, false},
        {"*", false, false},
    };
    struct pb_method read = {
        .service = &service, .access = PB_ROLE_MEMBER, .no_side_effects = true};
    struct pb_method write = {.service = &service, .access = PB_ROLE_MEMBER, .idempotent = true};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct caller caller = program(PB_ROLE_ADMIN, cases[i].scope);

        cr_assert_eq(refusal_of(&on, &caller, &read) == NULL, cases[i].reads, "%s", cases[i].scope);
        cr_assert_eq(refusal_of(&on, &caller, &write) == NULL, cases[i].writes, "%s",
                     cases[i].scope);
    }
}

Test(policy, programs_are_not_people)
{
    struct caller bot = program(PB_ROLE_ADMIN, ""), anna = person(PB_ROLE_MEMBER);
    struct caller reader = program(PB_ROLE_MEMBER, "accounts.read");
    struct caller weak = program(PB_ROLE_MEMBER, "inventory.read inventory.write");
    struct pb_method method = {.service = &service, .access = PB_ROLE_MEMBER, .session_only = true};

    cr_assert_eq(refusal_of(&on, &bot, &method), &reason_not_allowed);
    cr_assert_null(refusal_of(&on, &anna, &method));
    method.access = PB_ROLE_ADMIN;
    method.session_only = false;
    cr_assert_eq(refusal_of(&on, &weak, &method), &reason_not_allowed, "scopes give no role");
    method.access = PB_ROLE_ANONYMOUS;
    cr_assert_null(refusal_of(&on, &reader, &method));
}

Test(policy, what_is_somebody_elses)
{
    struct pb_method method = {.service = &service, .access = PB_ROLE_MEMBER};

    for (unsigned others = PB_ROLE_ANONYMOUS; others <= PB_ROLE_OPERATOR; others++) {
        for (unsigned role = PB_ROLE_ANONYMOUS; role <= PB_ROLE_OPERATOR; role++) {
            struct caller caller = person(role);

            method.others = others;
            cr_assert_eq(auth_policy_sees_all(&on, &caller, &method), role >= others);
        }
    }
}

Test(policy, names_of_roles)
{
    cr_assert_eq(auth_role_parse("member"), PB_ROLE_MEMBER);
    cr_assert_eq(auth_role_parse("manager"), PB_ROLE_MANAGER);
    cr_assert_eq(auth_role_parse("admin"), PB_ROLE_ADMIN);
    cr_assert_eq(auth_role_parse("operator"), -1);
    cr_assert_eq(auth_role_parse("anonymous"), -1);
    cr_assert_eq(auth_role_parse("Admin"), -1);
    cr_assert_eq(auth_role_parse(""), -1);
    cr_assert_str_eq(auth_role_name(PB_ROLE_ANONYMOUS), "anonymous");
    cr_assert_str_eq(auth_role_name(PB_ROLE_OPERATOR), "operator");
    cr_assert_str_eq(auth_role_name(PB_ROLE_OPERATOR + 1), "");
}
