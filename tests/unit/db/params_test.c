/* Fields and values as the text of parameters. */
#include "db/params.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/envelope.pb-c.h"
#include "depot/rpc/v1/envelope.schema.h"

static struct arena arena;
static struct call call;

static void
open_call(void)
{
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&call, &arena);
}

static void
close_call(void)
{
    arena_fini(&arena);
}

TestSuite(params, .init = open_call, .fini = close_call);

static const char *const names[] = {"type",       "id",         "force", "extra",
                                    "start_time", "attributes", "kind",  "description"};
static const struct db_query query = {.name = "q", .params = names, .n_params = 8};

static size_t
index_of(const char *name)
{
    size_t i = 0;

    while (strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

static const char *
value(const struct db_params *params, const char *name)
{
    cr_assert(params->set[index_of(name)], "%s is not set", name);
    return params->values[index_of(name)];
}

Test(params, fields_of_the_request_are_there_before_the_handler)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    struct db_binding binding;
    struct db_params params;

    request.type = "cars";
    request.force = true;
    db_binding_init(&binding, &query, &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &call, &binding, &request.base);
    cr_assert_not(params.exhausted);
    cr_assert_str_eq(value(&params, "type"), "cars");
    cr_assert_str_eq(value(&params, "id"), "", "an empty string is not NULL");
    cr_assert_str_eq(value(&params, "force"), "t");
    cr_assert_not(params.set[index_of("extra")], "nobody has set it");
    cr_assert_not(params.set[index_of("kind")]);
    db_binding_fini(&binding);
}

Test(params, new_ids_differ)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    struct db_binding binding;
    struct db_params params;
    const char *first, *second;

    db_binding_init(&binding, &query, &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &call, &binding, &request.base);
    db_set_new_id(&params, "id");
    first = value(&params, "id");
    db_set_new_id(&params, "id");
    second = value(&params, "id");
    cr_assert(uuid_valid(first, strlen(first)), "%s", first);
    cr_assert(uuid_valid(second, strlen(second)), "%s", second);
    cr_assert_str_neq(first, second);
    db_binding_fini(&binding);
}

Test(params, fields_of_an_inner_message)
{
    Depot__Inventory__V1__CreateAllocationRequest request =
        DEPOT__INVENTORY__V1__CREATE_ALLOCATION_REQUEST__INIT;
    Depot__Inventory__V1__Allocation allocation = DEPOT__INVENTORY__V1__ALLOCATION__INIT;
    Google__Protobuf__Timestamp start = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Depot__Inventory__V1__Allocation__AttributesEntry first =
        DEPOT__INVENTORY__V1__ALLOCATION__ATTRIBUTES_ENTRY__INIT;
    Depot__Inventory__V1__Allocation__AttributesEntry second =
        DEPOT__INVENTORY__V1__ALLOCATION__ATTRIBUTES_ENTRY__INIT;
    Depot__Inventory__V1__Allocation__AttributesEntry *entries[] = {&first, &second};
    struct db_binding binding;
    struct db_params params;

    db_binding_init(&binding, &query, &depot__inventory__v1__create_allocation_request__schema);
    first.key = "a \"quoted\"\n key";
    first.value = "\\";
    second.key = "\xc3\xa4";
    second.value = "";
    start.seconds = 1772355600;
    start.nanos = 120000000;
    allocation.start_time = &start;
    allocation.kind = DEPOT__INVENTORY__V1__ALLOCATION__KIND__MAINTENANCE;
    allocation.attributes = entries;
    allocation.n_attributes = 2;
    request.allocation = &allocation;
    db_params_init(&params, &call, &binding, &request.base);
    db_set_fields(&params, &depot__inventory__v1__allocation__schema, &allocation.base);
    cr_assert_str_eq(value(&params, "start_time"), "2026-03-01T09:00:00.120Z");
    cr_assert_str_eq(value(&params, "kind"), "MAINTENANCE");
    cr_assert_str_eq(value(&params, "attributes"),
                     "{\"a \\\"quoted\\\"\\n key\":\"\\\\\",\"\xc3\xa4\":\"\"}");

    allocation.start_time = NULL;
    allocation.n_attributes = 0;
    db_set_fields(&params, &depot__inventory__v1__allocation__schema, &allocation.base);
    cr_assert_null(value(&params, "start_time"));
    cr_assert_str_eq(value(&params, "attributes"), "{}");
    db_binding_fini(&binding);
}

Test(params, values_that_a_handler_sets)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct db_binding binding;
    struct db_params params;

    db_binding_init(&binding, &query, &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &call, &binding, &request.base);
    db_set_int(&params, "extra", INT64_MIN);
    cr_assert_str_eq(value(&params, "extra"), "-9223372036854775808");
    db_set_bool(&params, "extra", false);
    cr_assert_str_eq(value(&params, "extra"), "f");
    db_set_time(&params, "extra", &time);
    cr_assert_str_eq(value(&params, "extra"), "1970-01-01T00:00:00Z");
    db_set_time(&params, "extra", NULL);
    cr_assert_null(value(&params, "extra"));
    db_set_text(&params, "extra", NULL);
    cr_assert_null(value(&params, "extra"));
    db_set_text(&params, "id", "replaced");
    cr_assert_str_eq(value(&params, "id"), "replaced");
    db_binding_fini(&binding);
}

Test(params, numbers_and_bytes)
{
    Depot__Rpc__V1__Call message = DEPOT__RPC__V1__CALL__INIT;
    const struct pb_message *schema = &depot__rpc__v1__call__schema;
    uint8_t bytes[] = {0, 0xab, 0xff};
    bool exhausted = false;
    const char *text;

    message.timeout_ms = UINT32_MAX;
    message.payload = (ProtobufCBinaryData){3, bytes};
    cr_assert(db_field_text(&arena, pb_field_named(schema, "timeout_ms", 10), &message.base, &text,
                            &exhausted));
    cr_assert_str_eq(text, "4294967295");
    cr_assert(db_field_text(&arena, pb_field_named(schema, "payload", 7), &message.base, &text,
                            &exhausted));
    cr_assert_str_eq(text, "\\x00abff");
    message.payload = (ProtobufCBinaryData){0, NULL};
    cr_assert(db_field_text(&arena, pb_field_named(schema, "payload", 7), &message.base, &text,
                            &exhausted));
    cr_assert_str_eq(text, "\\x");
    cr_assert_not(exhausted);
}

Test(params, messages_and_lists_have_no_text)
{
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    Depot__Inventory__V1__CreateResourceRequest request =
        DEPOT__INVENTORY__V1__CREATE_RESOURCE_REQUEST__INIT;
    bool exhausted = false;
    const char *text;

    cr_assert_not(db_field_text(&arena, &depot__rpc__v1__request_frame__schema.fields[0],
                                &frame.base, &text, &exhausted));
    cr_assert_not(db_field_text(&arena,
                                &depot__inventory__v1__create_resource_request__schema.fields[1],
                                &request.base, &text, &exhausted));
}

Test(params, an_arena_at_its_cap_is_noticed)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    struct arena small;
    struct call poor;
    struct db_binding binding;
    struct db_params params;

    arena_init(&small, 256, 256);
    call_init(&poor, &small);
    db_binding_init(&binding, &query, &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &poor, &binding, &request.base);
    for (int i = 0; i < 100; i++) {
        db_lock(&params, "kind", "key");
        db_set_int(&params, "extra", i);
    }
    cr_assert(params.exhausted);
    db_binding_fini(&binding);
    arena_fini(&small);
}

Test(params, a_name_that_the_query_does_not_have_is_a_bug, .signal = SIGABRT)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    struct db_binding binding;
    struct db_params params;

    db_binding_init(&binding, &query, &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &call, &binding, &request.base);
    db_set_text(&params, "unknown", "x");
}

Test(params, locks_are_kept_and_named_without_ambiguity)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    struct db_binding binding;
    struct db_params params;

    db_binding_init(&binding, &query, &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &call, &binding, &request.base);
    for (int i = 0; i < 9; i++) {
        char key[2] = {(char)('a' + i), '\0'};

        db_lock(&params, "kind", key);
    }
    cr_assert_eq(params.n_locks, 9);
    cr_assert_eq(params.locks[0], db_lock_key("kind", "a"));
    cr_assert_eq(params.locks[8], db_lock_key("kind", "i"));
    cr_assert_neq(db_lock_key("ab", "c"), db_lock_key("a", "bc"));
    cr_assert_neq(db_lock_key("a", "B"), db_lock_key("a", "b"));
    cr_assert_eq(db_lock_key("a", "0190F3D2-7E7B-7ABC-8DEF-000000000001"),
                 db_lock_key("a", "0190f3d2-7e7b-7abc-8def-000000000001"),
                 "one resource, however its id is written");
    db_binding_fini(&binding);
}

/* --- what changes a part of a thing --- */

static const char *const update_names[] = {"name", "description",    "set_name", "set_description",
                                           "id",   "set_attributes", "set_any"};
static const struct db_query update_query = {.name = "u", .params = update_names, .n_params = 7};

static const char *
update_value(const struct db_params *params, const char *name)
{
    size_t i = 0;

    while (strcmp(update_names[i], name) != 0) {
        i++;
    }
    cr_assert(params->set[i], "%s is not set", name);
    return params->values[i];
}

Test(params, what_a_request_changes)
{
    const struct pb_message *schema = &depot__inventory__v1__update_resource_request__schema;
    Depot__Inventory__V1__UpdateResourceRequest request =
        DEPOT__INVENTORY__V1__UPDATE_RESOURCE_REQUEST__INIT;
    Depot__Inventory__V1__Resource resource = DEPOT__INVENTORY__V1__RESOURCE__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {"description"};
    struct db_binding binding;
    struct db_params params;

    request.id = "an id";
    request.resource = &resource;
    resource.id = "another";
    resource.name = "Golf";
    db_binding_init(&binding, &update_query, schema);
    db_params_init(&params, &call, &binding, &request.base);
    db_set_update(&params, schema, &request.base);
    cr_assert_str_eq(update_value(&params, "id"), "an id", "the thing's own is the service's");
    cr_assert_str_eq(update_value(&params, "name"), "Golf");
    cr_assert_str_eq(update_value(&params, "set_name"), "t", "it has a value");
    cr_assert_str_eq(update_value(&params, "set_description"), "f");
    cr_assert_str_eq(update_value(&params, "set_attributes"), "f");
    cr_assert_str_eq(update_value(&params, "set_any"), "t");

    mask.paths = paths;
    mask.n_paths = 1;
    request.update_mask = &mask;
    db_set_update(&params, schema, &request.base);
    cr_assert_str_eq(update_value(&params, "set_name"), "f");
    cr_assert_str_eq(update_value(&params, "set_description"), "t");
    cr_assert_str_eq(update_value(&params, "description"), "");
    cr_assert(db_update_sets(schema, &request.base, "description"));
    cr_assert_not(db_update_sets(schema, &request.base, "name"));

    mask.n_paths = 0;
    db_set_update(&params, schema, &request.base);
    cr_assert_str_eq(update_value(&params, "set_any"), "f");
    db_binding_fini(&binding);
}

static const char *const reserved_names[] = {"caller_id",       "caller_name",    "caller_role",
                                             "caller_sees_all", "client_address", "request_id"};
static const struct db_query reserved_query = {
    .name = "r", .params = reserved_names, .n_params = 6};

static void
expect_reserved(const char *const *expected)
{
    Depot__Inventory__V1__DeleteResourceRequest request =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;
    struct db_binding binding;
    struct db_params params;

    db_binding_init(&binding, &reserved_query,
                    &depot__inventory__v1__delete_resource_request__schema);
    db_params_init(&params, &call, &binding, &request.base);
    cr_assert_not(params.exhausted);
    for (size_t i = 0; i < 6; i++) {
        cr_assert(params.set[i], "%s", reserved_names[i]);
        if (expected[i] == NULL) {
            cr_assert_null(params.values[i], "%s", reserved_names[i]);
        } else {
            cr_assert_str_eq(params.values[i], expected[i], "%s", reserved_names[i]);
        }
    }
    db_binding_fini(&binding);
}

Test(params, reserved_names_are_what_the_call_says)
{
    static const char *const nobody[] = {NULL, "", "ANONYMOUS", "f", "", ""};
    static const char *const anna[] = {
        "01912d68-783e-7000-8000-000000000001", "anna", "MANAGER", "t", "10.1.2.3", "r1"};

    expect_reserved(nobody);
    call.caller = (struct caller){.id = anna[0],
                                  .name = "anna",
                                  .session = "",
                                  .scope = "",
                                  .role = PB_ROLE_MANAGER,
                                  .sees_all = true};
    call.client_address = "10.1.2.3";
    call.request_id = "r1";
    expect_reserved(anna);
}

/* What a client sends can never stand where the caller stands. */
Test(params, a_request_with_a_reserved_field_is_a_bug, .signal = SIGABRT)
{
    static const struct pb_field fields[] = {{.name = "caller_id"}};
    static const struct pb_message schema = {.fields = fields, .n_fields = 1};
    struct db_binding binding;

    db_binding_init(&binding, &reserved_query, &schema);
}
