/*
 * From a descriptor set to the contract: first every file with its messages, enums and reasons,
 * then, when all names are known, what fields and methods refer to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "name.h"
#include "options.h"
#include "resolve.h"
#include "source.h"

/* What is being read, and where in it. */
struct reader {
    struct arena *arena;
    const Google__Protobuf__FileDescriptorProto *proto;
    struct def_file *file;
};

/* Field numbers within FileDescriptorProto and its parts, for source paths. */
enum {
    FILE_PACKAGE = 2,
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_SYNTAX = 12,
    MESSAGE_FIELD = 2,
    MESSAGE_NESTED = 3,
    MESSAGE_ENUM = 4,
    MESSAGE_OPTIONS = 7,
    FIELD_OPTIONS = 8,
    ENUM_VALUE = 2,
};

static const char *
join_name(const struct reader *r, const char *scope, const char *name)
{
    return *scope == '\0' ? arena_strdup(r->arena, name)
                          : arena_printf(r->arena, "%s.%s", scope, name);
}

/* --- enums and reasons --- */

static void
reason_load(struct reader *r, const Google__Protobuf__EnumValueDescriptorProto *proto,
            const struct def_value *value)
{
    struct def_reason *reason;
    const Depot__Rpc__V1__ReasonRule *rule =
        (const void *)option_read(r->arena, (const ProtobufCMessage *)proto->options, OPTION_REASON,
                                  &depot__rpc__v1__reason_rule__descriptor);

    if (rule == NULL) {
        return;
    }
    reason = &r->file->reasons[r->file->n_reasons++];
    reason->name = value->name;
    reason->constant = arena_printf(r->arena, "reason_%s", name_lower(r->arena, value->name));
    reason->title = rule->title;
    reason->comment = value->comment;
    reason->code = rule->code;
    reason->http = rule->http;
    reason->file = r->file;
    reason->place = value->place;
}

static void
enum_load(struct reader *r, const Google__Protobuf__EnumDescriptorProto *proto, const char *scope,
          const struct source_path *path)
{
    struct def_enum *self = &r->file->enums[r->file->n_enums++];
    struct def_value *values = arena_zalloc(r->arena, (proto->n_value + 1) * sizeof *values);

    self->full_name = join_name(r, scope, proto->name);
    self->symbol = name_symbol(r->arena, self->full_name);
    self->comment = source_comment(r->arena, r->proto, path);
    self->file = r->file;
    self->place = source_place(r->proto, path);
    self->values = values;
    self->n_values = proto->n_value;
    for (size_t i = 0; i < proto->n_value; i++) {
        struct source_path at = source_step(path, ENUM_VALUE, i);

        values[i].name = proto->value[i]->name;
        values[i].number = proto->value[i]->number;
        values[i].comment = source_comment(r->arena, r->proto, &at);
        values[i].place = source_place(r->proto, &at);
        reason_load(r, proto->value[i], &values[i]);
    }
}

/* --- messages --- */

static enum def_known
known_of(const char *full_name)
{
    static const struct {
        const char *name;
        enum def_known known;
    } table[] = {
        {"Timestamp", KNOWN_TIMESTAMP},  {"Duration", KNOWN_DURATION},
        {"FieldMask", KNOWN_FIELD_MASK}, {"Empty", KNOWN_EMPTY},
        {"DoubleValue", KNOWN_WRAPPER},  {"FloatValue", KNOWN_WRAPPER},
        {"Int64Value", KNOWN_WRAPPER},   {"UInt64Value", KNOWN_WRAPPER},
        {"Int32Value", KNOWN_WRAPPER},   {"UInt32Value", KNOWN_WRAPPER},
        {"BoolValue", KNOWN_WRAPPER},    {"StringValue", KNOWN_WRAPPER},
        {"BytesValue", KNOWN_WRAPPER},
    };
    static const char prefix[] = "google.protobuf.";

    if (strncmp(full_name, prefix, sizeof prefix - 1) != 0) {
        return KNOWN_ORDINARY;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(full_name + sizeof prefix - 1, table[i].name) == 0) {
            return table[i].known;
        }
    }
    return KNOWN_ORDINARY;
}

static const Depot__Rpc__V1__FieldRule *
field_rule(struct reader *r, const Google__Protobuf__FieldDescriptorProto *proto)
{
    static const Depot__Rpc__V1__FieldRule none = DEPOT__RPC__V1__FIELD_RULE__INIT;
    const void *rule = option_read(r->arena, (const ProtobufCMessage *)proto->options, OPTION_FIELD,
                                   &depot__rpc__v1__field_rule__descriptor);

    return rule != NULL ? rule : &none;
}

static void
field_load(struct reader *r, const Google__Protobuf__DescriptorProto *message, size_t index,
           const struct source_path *path, struct def_field *self)
{
    const Google__Protobuf__FieldDescriptorProto *proto = message->field[index];

    self->name = proto->name;
    self->json_name = proto->json_name;
    self->comment = source_comment(r->arena, r->proto, path);
    self->number = proto->number;
    self->type = proto->type;
    self->repeated =
        proto->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    self->optional = proto->has_proto3_optional && proto->proto3_optional;
    self->oneof = proto->has_oneof_index && !self->optional
                      ? message->oneof_decl[proto->oneof_index]->name
                      : NULL;
    self->type_name = proto->type_name;
    self->rule = field_rule(r, proto);
    self->place = source_place(r->proto, path);
    self->rule_place = source_option_place(r->proto, path, FIELD_OPTIONS, OPTION_FIELD);
}

static int
by_number(const void *a, const void *b)
{
    const struct def_field *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

static void
message_fields_load(struct reader *r, const Google__Protobuf__DescriptorProto *proto,
                    const struct source_path *path, struct def_message *self)
{
    struct def_field *fields = arena_zalloc(r->arena, (proto->n_field + 1) * sizeof *fields);

    for (size_t i = 0; i < proto->n_field; i++) {
        struct source_path at = source_step(path, MESSAGE_FIELD, i);

        field_load(r, proto, i, &at, &fields[i]);
    }
    qsort(fields, proto->n_field, sizeof *fields, by_number);
    self->fields = fields;
    self->n_fields = proto->n_field;
}

static const Depot__Rpc__V1__MessageRule *
message_rule(struct reader *r, const Google__Protobuf__DescriptorProto *proto)
{
    static const Depot__Rpc__V1__MessageRule none = DEPOT__RPC__V1__MESSAGE_RULE__INIT;
    const void *rule = option_read(r->arena, (const ProtobufCMessage *)proto->options,
                                   OPTION_MESSAGE, &depot__rpc__v1__message_rule__descriptor);

    return rule != NULL ? rule : &none;
}

static void
message_load(struct reader *r, const Google__Protobuf__DescriptorProto *proto, const char *scope,
             const struct source_path *path)
{
    struct def_message *self = &r->file->messages[r->file->n_messages++];

    self->full_name = join_name(r, scope, proto->name);
    self->name = proto->name;
    self->symbol = name_symbol(r->arena, self->full_name);
    self->c_type = name_c_type(r->arena, self->full_name);
    self->comment = source_comment(r->arena, r->proto, path);
    self->file = r->file;
    self->place = source_place(r->proto, path);
    self->rule_place = source_option_place(r->proto, path, MESSAGE_OPTIONS, OPTION_MESSAGE);
    self->known = known_of(self->full_name);
    self->map_entry =
        proto->options != NULL && proto->options->has_map_entry && proto->options->map_entry;
    self->rule = message_rule(r, proto);
    message_fields_load(r, proto, path, self);
    for (size_t i = 0; i < proto->n_nested_type; i++) {
        struct source_path at = source_step(path, MESSAGE_NESTED, i);

        message_load(r, proto->nested_type[i], self->full_name, &at);
    }
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        struct source_path at = source_step(path, MESSAGE_ENUM, i);

        enum_load(r, proto->enum_type[i], self->full_name, &at);
    }
}

/* --- files --- */

static void
count_enum(const Google__Protobuf__EnumDescriptorProto *proto, struct def_file *out)
{
    out->n_enums++;
    out->n_reasons += proto->n_value;
}

static void
count_message(const Google__Protobuf__DescriptorProto *proto, struct def_file *out)
{
    out->n_messages++;
    for (size_t i = 0; i < proto->n_nested_type; i++) {
        count_message(proto->nested_type[i], out);
    }
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        count_enum(proto->enum_type[i], out);
    }
}

/* Makes the arrays, which must not move afterwards since others point into them. */
static void
file_reserve(struct reader *r)
{
    struct def_file n = {0};

    for (size_t i = 0; i < r->proto->n_message_type; i++) {
        count_message(r->proto->message_type[i], &n);
    }
    for (size_t i = 0; i < r->proto->n_enum_type; i++) {
        count_enum(r->proto->enum_type[i], &n);
    }
    r->file->messages = arena_zalloc(r->arena, (n.n_messages + 1) * sizeof *n.messages);
    r->file->enums = arena_zalloc(r->arena, (n.n_enums + 1) * sizeof *n.enums);
    r->file->reasons = arena_zalloc(r->arena, (n.n_reasons + 1) * sizeof *n.reasons);
    r->file->services = arena_zalloc(r->arena, (r->proto->n_service + 1) * sizeof *n.services);
}

static void
file_load(struct reader *r)
{
    const Google__Protobuf__FileDescriptorProto *proto = r->proto;
    struct def_file *self = r->file;
    struct source_path root = {.steps = {FILE_PACKAGE}, .n = 1};
    size_t stem = strlen(proto->name);

    if (stem > 6 && strcmp(proto->name + stem - 6, ".proto") == 0) {
        stem -= 6;
    }
    self->name = proto->name;
    self->stem = arena_copy(r->arena, proto->name, stem);
    self->package = proto->package != NULL ? proto->package : "";
    self->package_place = source_place(proto, &root);
    root.steps[0] = FILE_SYNTAX;
    self->syntax_place = source_place(proto, &root);
    self->short_name = name_short(r->arena, self->package);
    self->foreign = strncmp(self->package, "google.", 7) == 0;
    self->no_generate = option_no_generate(r->arena, (const ProtobufCMessage *)proto->options);
    self->proto3 = proto->syntax != NULL && strcmp(proto->syntax, "proto3") == 0;
    self->imports = (const char *const *)proto->dependency;
    self->n_imports = proto->n_dependency;
    file_reserve(r);
    root.n = 0;
    for (size_t i = 0; i < proto->n_message_type; i++) {
        struct source_path at = source_step(&root, FILE_MESSAGE, i);

        message_load(r, proto->message_type[i], self->package, &at);
    }
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        struct source_path at = source_step(&root, FILE_ENUM, i);

        enum_load(r, proto->enum_type[i], self->package, &at);
    }
}

/* --- the set --- */

static uint8_t *
read_all(struct arena *arena, FILE *in, size_t *bytes)
{
    size_t size = 1 << 16;
    uint8_t *data = arena_alloc(arena, size);

    *bytes = 0;
    for (;;) {
        size_t n = fread(data + *bytes, 1, size - *bytes, in);

        *bytes += n;
        if (n == 0) {
            return ferror(in) ? NULL : data;
        }
        if (*bytes == size) {
            uint8_t *larger = arena_alloc(arena, 2 * size);

            memcpy(larger, data, size);
            data = larger;
            size *= 2;
        }
    }
}

static const Google__Protobuf__FileDescriptorSet *
set_read(struct arena *arena, const char *path)
{
    ProtobufCAllocator allocator = arena_allocator(arena);
    const Google__Protobuf__FileDescriptorSet *set = NULL;
    size_t bytes;
    uint8_t *data;
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        fprintf(stderr, "protogen: cannot open %s\n", path);
        return NULL;
    }
    data = read_all(arena, in, &bytes);
    fclose(in);
    if (data != NULL) {
        set = google__protobuf__file_descriptor_set__unpack(&allocator, bytes, data);
    }
    if (set == NULL) {
        fprintf(stderr, "protogen: %s is not a descriptor set\n", path);
    }
    return set;
}

bool
contract_load(struct contract *self, const char *path)
{
    const Google__Protobuf__FileDescriptorSet *set;

    *self = (struct contract){0};
    arena_init(&self->arena, 1 << 16, 0);
    set = set_read(&self->arena, path);
    if (set == NULL) {
        contract_free(self);
        return false;
    }
    self->files = arena_zalloc(&self->arena, (set->n_file + 1) * sizeof *self->files);
    self->n_files = set->n_file;
    self->set = set;
    for (size_t i = 0; i < set->n_file; i++) {
        file_load(&(struct reader){&self->arena, set->file[i], &self->files[i]});
    }
    contract_resolve(self, set);
    return true;
}

void
contract_free(struct contract *self)
{
    arena_fini(&self->arena);
}
