#include "resolve.h"

#include <string.h>

#include "base/assert.h"
#include "name.h"
#include "options.h"
#include "route.h"
#include "source.h"

/* Field numbers within FileDescriptorProto and its parts, for source paths. */
enum { FILE_SERVICE = 6, SERVICE_METHOD = 2, METHOD_OPTIONS = 4 };

/* --- look-ups --- */

const struct def_file *
contract_file(const struct contract *self, const char *name)
{
    for (size_t i = 0; i < self->n_files; i++) {
        if (strcmp(self->files[i].name, name) == 0) {
            return &self->files[i];
        }
    }
    return NULL;
}

const struct def_reason *
contract_reason(const struct contract *self, const char *name)
{
    for (size_t i = 0; i < self->n_files; i++) {
        for (size_t j = 0; j < self->files[i].n_reasons; j++) {
            if (strcmp(self->files[i].reasons[j].name, name) == 0) {
                return &self->files[i].reasons[j];
            }
        }
    }
    return NULL;
}

bool
file_has_tables(const struct def_file *file)
{
    return !file->no_generate && strcmp(file->name, "google/protobuf/descriptor.proto") != 0;
}

int
message_field(const struct def_message *message, const char *name)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        if (strcmp(message->fields[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool
field_is_scalar(const struct def_field *field)
{
    return !field->repeated && field->message == NULL;
}

int
method_success(const struct def_method *method)
{
    if (method->n_location != 0) {
        return 201;
    }
    return method->reply->known == KNOWN_EMPTY ? 204 : 200;
}

/* `name` is fully qualified with a leading dot: protoc has checked that it exists. */
static struct def_message *
message_named(const struct contract *self, const char *name)
{
    for (size_t i = 0; i < self->n_files; i++) {
        for (size_t j = 0; j < self->files[i].n_messages; j++) {
            if (strcmp(self->files[i].messages[j].full_name, name + 1) == 0) {
                return &self->files[i].messages[j];
            }
        }
    }
    return NULL;
}

static struct def_enum *
enum_named(const struct contract *self, const char *name)
{
    for (size_t i = 0; i < self->n_files; i++) {
        for (size_t j = 0; j < self->files[i].n_enums; j++) {
            if (strcmp(self->files[i].enums[j].full_name, name + 1) == 0) {
                return &self->files[i].enums[j];
            }
        }
    }
    return NULL;
}

/* --- fields --- */

static void
fields_resolve(const struct contract *self, const struct def_message *message)
{
    /* The fields are the contract's own memory; they are constant for everybody else. */
    struct def_field *fields = (struct def_field *)message->fields;

    for (size_t i = 0; i < message->n_fields; i++) {
        if (fields[i].type_name == NULL) {
            continue;
        }
        if (fields[i].type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM) {
            fields[i].enumeration = enum_named(self, fields[i].type_name);
            ASSERT(fields[i].enumeration != NULL);
        } else {
            fields[i].message = message_named(self, fields[i].type_name);
            ASSERT(fields[i].message != NULL);
            fields[i].map = fields[i].message->map_entry;
        }
    }
}

/* --- services --- */

/* What is being read, and where in it. */
struct reader {
    struct contract *contract;
    const Google__Protobuf__FileDescriptorProto *proto;
    struct def_file *file;
};

static void
method_load_options(struct reader *r, const Google__Protobuf__MethodOptions *options,
                    const struct source_path *path, struct def_method *self)
{
    struct arena *arena = &r->contract->arena;
    const ProtobufCMessage *base = (const ProtobufCMessage *)options;
    const void *http = option_read(arena, base, OPTION_HTTP, &google__api__http_rule__descriptor);

    self->rule = (const void *)option_read(arena, base, OPTION_METHOD,
                                           &depot__rpc__v1__method_rule__descriptor);
    self->rule_place = source_option_place(r->proto, path, METHOD_OPTIONS, OPTION_METHOD);
    if (options != NULL && options->has_idempotency_level) {
        self->no_side_effects =
            options->idempotency_level ==
            GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS;
        self->idempotent = options->idempotency_level !=
                           GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__IDEMPOTENCY_UNKNOWN;
    }
    if (http != NULL) {
        route_load(arena, self, http,
                   source_option_place(r->proto, path, METHOD_OPTIONS, OPTION_HTTP));
    }
    self->affinity = -1;
    if (self->rule != NULL) {
        route_load_location(arena, self);
        self->affinity = message_field(self->request, self->rule->affinity);
        self->validate_only = !self->no_side_effects && self->rule->idempotency_key;
    }
}

static void
method_load(struct reader *r, const Google__Protobuf__MethodDescriptorProto *proto,
            const struct def_service *service, const struct source_path *path,
            struct def_method *self)
{
    struct arena *arena = &r->contract->arena;

    self->name = proto->name;
    self->snake = name_snake(arena, proto->name);
    self->symbol = arena_printf(arena, "%s__%s", service->symbol, self->snake);
    self->path = arena_printf(arena, "/%s/%s", service->full_name, proto->name);
    self->comment = source_comment(arena, r->proto, path);
    self->service = service;
    self->place = source_place(r->proto, path);
    self->request = message_named(r->contract, proto->input_type);
    self->reply = message_named(r->contract, proto->output_type);
    ASSERT(self->request != NULL && self->reply != NULL);
    self->streaming = (proto->has_client_streaming && proto->client_streaming) ||
                      (proto->has_server_streaming && proto->server_streaming);
    method_load_options(r, proto->options, path, self);
}

static void
service_load(struct reader *r, size_t index)
{
    struct arena *arena = &r->contract->arena;
    const Google__Protobuf__ServiceDescriptorProto *proto = r->proto->service[index];
    struct def_service *self = &r->file->services[r->file->n_services++];
    struct source_path path = source_step(&(struct source_path){.n = 0}, FILE_SERVICE, index);
    struct def_method *methods = arena_zalloc(arena, (proto->n_method + 1) * sizeof *methods);

    self->name = proto->name;
    self->full_name = *r->file->package == '\0'
                          ? proto->name
                          : arena_printf(arena, "%s.%s", r->file->package, proto->name);
    self->short_name = r->file->short_name;
    self->symbol = name_symbol(arena, self->full_name);
    self->comment = source_comment(arena, r->proto, &path);
    self->file = r->file;
    self->place = source_place(r->proto, &path);
    self->methods = methods;
    self->n_methods = proto->n_method;
    for (size_t i = 0; i < proto->n_method; i++) {
        struct source_path at = source_step(&path, SERVICE_METHOD, i);

        method_load(r, proto->method[i], self, &at, &methods[i]);
    }
}

/* --- what clients of HTTP see --- */

static void
message_show(const struct def_message *message)
{
    struct def_message *self = (struct def_message *)message;

    if (self->shown) {
        return;
    }
    self->shown = true;
    for (size_t i = 0; i < self->n_fields; i++) {
        if (self->fields[i].message != NULL) {
            message_show(self->fields[i].message);
        }
        if (self->fields[i].enumeration != NULL) {
            ((struct def_enum *)self->fields[i].enumeration)->shown = true;
        }
    }
}

/* In a file with routes everything is shown: what no method answers says more about a failure. */
static void
file_show(struct def_file *file)
{
    bool routed = false;

    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            const struct def_method *method = &file->services[i].methods[j];

            if (method->n_routes != 0) {
                routed = true;
                message_show(method->request);
                message_show(method->reply);
            }
        }
    }
    for (size_t i = 0; routed && i < file->n_messages; i++) {
        message_show(&file->messages[i]);
    }
}

void
contract_resolve(struct contract *self, const Google__Protobuf__FileDescriptorSet *set)
{
    for (size_t i = 0; i < self->n_files; i++) {
        for (size_t j = 0; j < self->files[i].n_messages; j++) {
            fields_resolve(self, &self->files[i].messages[j]);
        }
    }
    for (size_t i = 0; i < self->n_files; i++) {
        struct reader reader = {self, set->file[i], &self->files[i]};

        for (size_t j = 0; j < set->file[i]->n_service; j++) {
            service_load(&reader, j);
        }
    }
    for (size_t i = 0; i < self->n_files; i++) {
        file_show(&self->files[i]);
    }
}
