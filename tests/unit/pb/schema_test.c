#include "fixture.h"

#include "depot/inventory/v1/inventory.schema.h"

Test(schema, fields_by_name)
{
    const struct pb_message *schema = &depot__inventory__v1__allocation__schema;
    static const struct {
        const char *name;
        size_t bytes;
        bool found, named;
    } cases[] = {
        {"start_time", 10, true, true},      {"startTime", 9, true, false},
        {"startTime", 8, false, false},      {"startTimex", 10, false, false},
        {"starttime", 9, false, false},      {"", 0, false, false},
        {"start_time\0x", 12, false, false}, {"kind", 4, true, true},
        {"kind\0\0\0\0", 8, false, false},   {"StartTime", 9, false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* Exactly as long as it says. */
        char *name = malloc(cases[i].bytes == 0 ? 1 : cases[i].bytes);

        memcpy(name, cases[i].name, cases[i].bytes);
        cr_assert_eq(pb_field_find(schema, name, cases[i].bytes) != NULL, cases[i].found, "%s",
                     cases[i].name);
        cr_assert_eq(pb_field_named(schema, name, cases[i].bytes) != NULL, cases[i].named, "%s",
                     cases[i].name);
        free(name);
    }
    cr_assert_null(pb_field_find(&depot__test__v1__inner__schema, "kind", 4));
}

Test(schema, methods_by_path)
{
    static const struct pb_service *const services[] = {
        &depot__inventory__v1__inventory_service__service, NULL};
    static const struct pb_service *const none[] = {NULL};
    const char *path = "/depot.inventory.v1.InventoryService/GetResource";

    cr_assert_eq(pb_method_find(services, path),
                 &depot__inventory__v1__inventory_service__get_resource__method);
    cr_assert_null(pb_method_find(none, path));
    cr_assert_null(pb_method_find(services, "/depot.inventory.v1.InventoryService/GetResourc"));
    cr_assert_null(pb_method_find(services, "/depot.inventory.v1.InventoryService/GetResources"));
    cr_assert_null(pb_method_find(services, ""));
}

/* The tables and protobuf-c's descriptors must tell the same story, or members are misread. */
Test(schema, tables_agree_with_the_descriptors)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;

    cr_assert_eq(schema->n_fields, schema->descriptor->n_fields);
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct pb_field *field = &schema->fields[i];

        cr_assert_str_eq(field->name, field->descriptor->name);
        cr_assert_eq(field->descriptor, &schema->descriptor->fields[i]);
        cr_assert_eq(field->message != NULL, field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE,
                     "%s", field->name);
        if (field->message != NULL) {
            cr_assert_eq(field->message->descriptor, field->descriptor->descriptor);
        }
        cr_assert_eq(field->enumeration != NULL, field->descriptor->type == PROTOBUF_C_TYPE_ENUM);
    }
}

Test(schema, new_messages_are_empty)
{
    struct arena arena;
    Depot__Test__V1__Everything *message;

    arena_init(&arena, 4096, 0);
    message = (void *)pb_new(&arena, &depot__test__v1__everything__schema);
    cr_assert_str_eq(message->a_string, "");
    cr_assert_eq(message->n_strings, 0);
    cr_assert_eq(message->choice_case, 0);
    arena_fini(&arena);
    arena_init(&arena, 4096, 16);
    cr_assert_null(pb_new(&arena, &depot__test__v1__everything__schema));
    arena_fini(&arena);
}
