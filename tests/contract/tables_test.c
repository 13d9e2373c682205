/* The tables of a contract with everything in it say what the contract says. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "accepted.schema.h"
#include "google/protobuf/empty.schema.h"
#include "google/protobuf/timestamp.schema.h"
#include "google/protobuf/wrappers.schema.h"
#include "run.h"

#define METHOD(name)  depot__accepted__v1beta2__accepted__##name##__method
#define MESSAGE(name) depot__accepted__v1beta2__##name##__schema

static const struct pb_field *
field(const char *name)
{
    for (size_t i = 0; i < MESSAGE(thing).n_fields; i++) {
        if (strcmp(MESSAGE(thing).fields[i].name, name) == 0) {
            return &MESSAGE(thing).fields[i];
        }
    }
    cr_assert_fail("Thing has no field %s", name);
    return NULL;
}

Test(tables, fields_stand_as_protobuf_c_orders_them)
{
    const struct pb_message *schema = &MESSAGE(thing);

    cr_assert_eq(schema->n_fields, schema->descriptor->n_fields);
    for (size_t i = 0; i < schema->n_fields; i++) {
        cr_assert_eq(schema->fields[i].descriptor, &schema->descriptor->fields[i]);
        cr_assert_str_eq(schema->fields[i].name, schema->descriptor->fields[i].name);
    }
}

Test(tables, names_and_types)
{
    cr_assert_str_eq(MESSAGE(thing).full_name, "depot.accepted.v1beta2.Thing");
    cr_assert_str_eq(field("named_parts")->json_name, "namedParts");
    cr_assert(field("named_parts")->is_map);
    cr_assert_str_eq(field("named_parts")->message->fields[0].name, "key");
    cr_assert_eq(field("named_parts")->message->fields[1].message, &MESSAGE(thing__part));
    cr_assert_not(field("parts")->is_map);
    cr_assert_eq(field("inner")->message, &MESSAGE(thing));
    cr_assert_eq(field("matter")->enumeration, &MESSAGE(thing__matter));
    cr_assert_eq(field("start_time")->message, &google__protobuf__timestamp__schema);
    cr_assert_eq(google__protobuf__timestamp__schema.known, PB_TIMESTAMP);
    cr_assert_eq(google__protobuf__string_value__schema.known, PB_WRAPPER);
    cr_assert_eq(google__protobuf__empty__schema.known, PB_EMPTY);
    cr_assert_eq(google__protobuf__empty__schema.n_fields, 0);
}

Test(tables, rules)
{
    cr_assert(field("name")->rule.required);
    cr_assert_eq(field("name")->rule.min_length, 2);
    cr_assert_eq(field("name")->rule.max_length, 5);
    cr_assert_eq(field("parts")->rule.max_items, 4);
    cr_assert(field("depth")->rule.has_range);
    cr_assert_eq(field("depth")->rule.range_min, INT64_MIN);
    cr_assert_eq(field("depth")->rule.range_max, -1);
    cr_assert(field("id")->rule.output_only);
    cr_assert_eq(field("id")->rule.format, PB_FORMAT_UUID);
    cr_assert(field("secret")->rule.input_only);
    cr_assert_str_eq(field("form")->rule.pattern, "^[a-z\"\\\\?]+$");
    cr_assert_null(field("left")->rule.pattern);
    cr_assert_null(field("left")->rule.in);
    cr_assert_null(field("left")->rule.reason);
    cr_assert_not(field("left")->rule.has_range);
}

Test(tables, values_and_periods)
{
    const struct pb_message *find = &MESSAGE(find_things_request);
    const struct pb_period *period = MESSAGE(thing).period;

    cr_assert_str_eq(find->fields[3].rule.in[0], "up");
    cr_assert_str_eq(find->fields[3].rule.in[1], "down");
    cr_assert_null(find->fields[3].rule.in[2]);
    cr_assert_not_null(period);
    cr_assert_str_eq(MESSAGE(thing).fields[period->start].name, "start_time");
    cr_assert_str_eq(MESSAGE(thing).fields[period->end].name, "end_time");
    cr_assert_eq(period->unbounded, -1);
    cr_assert_null(find->period);
}

Test(tables, methods)
{
    const struct pb_method *make = &METHOD(make_thing);

    cr_assert_str_eq(make->path, "/depot.accepted.v1beta2.Accepted/MakeThing");
    cr_assert_str_eq(make->text, "Makes a thing. More is said behind the first full stop.");
    cr_assert_eq(make->class, PB_CLASS_WRITE);
    cr_assert_eq(make->access, PB_ROLE_MANAGER);
    cr_assert(make->idempotent);
    cr_assert_not(make->no_side_effects);
    cr_assert(make->idempotency_key);
    cr_assert(make->validate_only);
    cr_assert_str_eq(make->request->fields[make->affinity].name, "parent");
    cr_assert_eq(make->scope[0], 0);
    cr_assert_eq(make->scope[1], -1);
    cr_assert_eq(make->reasons[0], &reason_thing_broken);
    cr_assert_str_eq(make->reasons[1]->name, "RESOURCE_NOT_FOUND");
    cr_assert_null(make->reasons[2]);
    cr_assert(METHOD(find_things).no_side_effects);
    cr_assert_not(METHOD(find_things).validate_only);
    cr_assert_not(METHOD(drop_things).validate_only);
    cr_assert(METHOD(find_things).idempotent);
    cr_assert_eq(METHOD(find_things).class, PB_CLASS_LIST);
    cr_assert_eq(METHOD(find_things).scope[0], -1);
    cr_assert_eq(METHOD(drop_things).class, PB_CLASS_LONG);
    cr_assert_not(METHOD(drop_things).idempotent);
}

#define INNER(name) depot__accepted__v1beta2__inner__##name##__method

Test(tables, who_may_call)
{
    cr_assert(INNER(peek_thing).public_read);
    cr_assert_not(INNER(take_thing).public_read);
    cr_assert(INNER(take_thing).session_only);
    cr_assert_not(INNER(peek_thing).session_only);
    cr_assert_eq(INNER(take_thing).others, PB_ROLE_MANAGER);
    cr_assert_eq(INNER(peek_thing).others, PB_ROLE_ANONYMOUS, "the rule does not speak of others");
    cr_assert_eq(INNER(tick).access, PB_ROLE_OPERATOR);
    cr_assert_eq(INNER(tick).every_ms, 250);
    cr_assert_eq(INNER(take_thing).every_ms, 0);
}

Test(tables, services)
{
    const struct pb_service *service = &depot__accepted__v1beta2__accepted__service;

    cr_assert_str_eq(service->full_name, "depot.accepted.v1beta2.Accepted");
    cr_assert_str_eq(service->short_name, "accepted");
    cr_assert_eq(service->n_methods, 3);
    for (unsigned i = 0; i < service->n_methods; i++) {
        cr_assert_eq(service->methods[i]->index, i);
        cr_assert_eq(service->methods[i]->service, service);
        cr_assert_str_eq(service->methods[i]->name, service->descriptor->methods[i].name);
    }
    cr_assert_null(service->methods[3]);
}

Test(tables, reasons)
{
    cr_assert_str_eq(reason_thing_broken.name, "THING_BROKEN");
    cr_assert_eq(reason_thing_broken.code, STATUS_FAILED_PRECONDITION);
    cr_assert_eq(reason_thing_broken.http_status, 409);
    cr_assert_str_eq(reason_thing_broken.title, "It is broken");
    cr_assert_str_eq(reason_thing_broken.text, "A part is \"broken\".");
}

/* --- what the other commands make of it --- */

static char folder[64], output[RUN_OUTPUT_BYTES];

static json_t *
document(void)
{
    char path[128];
    json_t *json;

    run_enter(folder);
    cr_assert_eq(
        run(output, PROTOGEN " routes " DEPOT_BUILD_FOLDER "/gen/accepted.pb %s 1.0", folder), 0,
        "%s", output);
    snprintf(path, sizeof path, "%s/openapi.json", folder);
    json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(json);
    return json;
}

static json_t *
operation(json_t *json, const char *path, const char *verb)
{
    json_t *found = json_object_get(json_object_get(json_object_get(json, "paths"), path), verb);

    cr_assert_not_null(found, "%s %s", verb, path);
    return found;
}

/* A further binding is an operation of its own; what the path says is not in the body too. */
Test(tables, bindings_in_the_document)
{
    json_t *json = document(), *put, *body, *properties;

    put = operation(json, "/v1/things/{parent}", "put");
    cr_assert_str_eq(json_string_value(json_object_get(put, "operationId")), "MakeThing_2");
    body = json_object_get(json_object_get(put, "requestBody"), "content");
    body = json_object_get(body, "application/json");
    properties = json_object_get(json_object_get(body, "schema"), "properties");
    cr_assert_eq(json_object_size(properties), 2);
    cr_assert_null(json_object_get(properties, "parent"));
    cr_assert_null(json_object_get(json_object_get(body, "example"), "parent"));
    cr_assert_not_null(json_object_get(json_object_get(body, "example"), "thing"));
    put = operation(json, "/v1/things", "get");
    cr_assert_str_eq(json_string_value(json_object_get(put, "summary")),
                     "Finds things with a summary on two lines");
    json_decref(json);
    run_leave(folder);
}

Test(tables, comments_in_the_document)
{
    json_t *json = document();
    json_t *tag = json_array_get(json_object_get(json, "tags"), 0);

    cr_assert_str_eq(json_string_value(json_object_get(tag, "description")),
                     "Its comment has \"quotes\", a \\ and a ?"
                     "?/ trigraph, ünïcode, and two "
                     "lines.\n\nAnd a second paragraph.");
    json_decref(json);
    run_leave(folder);
}
