/*
 * The tables of lib/pb/schema.h. protobuf-c keeps the field descriptors of a message to its own
 * file, so the tables' file includes that one and is compiled in its place.
 */
#include "emit.h"
#include "out.h"
#include "update.h"

static const char *
known_name(enum def_known known)
{
    static const char *const names[] = {"PB_ORDINARY",   "PB_TIMESTAMP", "PB_DURATION",
                                        "PB_FIELD_MASK", "PB_EMPTY",     "PB_WRAPPER"};

    return names[known];
}

static const char *
truth(bool value)
{
    return value ? "true" : "false";
}

/* --- the header --- */

static bool
write_header(const struct contract *contract, const struct def_file *file, const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const char *name = arena_printf(arena, "%s.schema.h", file->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    out_guard(&out, name);
    buf_puts(&out, "#include \"pb/schema.h\"\n\n");
    for (size_t i = 0; i < file->n_messages; i++) {
        buf_printf(&out, "extern const struct pb_message %s__schema;\n", file->messages[i].symbol);
    }
    for (size_t i = 0; i < file->n_enums; i++) {
        buf_printf(&out, "extern const struct pb_enum %s__schema;\n", file->enums[i].symbol);
    }
    for (size_t i = 0; i < file->n_services; i++) {
        const struct def_service *service = &file->services[i];

        buf_printf(&out, "extern const struct pb_service %s__service;\n", service->symbol);
        for (size_t j = 0; j < service->n_methods; j++) {
            buf_printf(&out, "extern const struct pb_method %s__method;\n",
                       service->methods[j].symbol);
        }
    }
    for (size_t i = 0; i < file->n_reasons; i++) {
        buf_printf(&out, "extern const struct reason %s;\n", file->reasons[i].constant);
    }
    buf_puts(&out, "\n#endif\n");
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

/* --- messages --- */

static void
put_in_list(struct buf *out, const struct def_message *message, size_t index)
{
    const Depot__Rpc__V1__FieldRule *rule = message->fields[index].rule;

    if (rule->n_in == 0) {
        return;
    }
    buf_printf(out, "static const char *const %s__in_%zu[] = {", message->symbol, index);
    for (size_t i = 0; i < rule->n_in; i++) {
        out_c_string(out, rule->in[i]);
        buf_puts(out, ", ");
    }
    buf_puts(out, "NULL};\n");
}

static void
put_lengths(struct buf *out, const Depot__Rpc__V1__FieldRule *rule)
{
    const struct {
        const char *name;
        uint32_t value;
    } members[] = {{"min_length", rule->min_length},
                   {"max_length", rule->max_length},
                   {"max_items", rule->max_items},
                   {"max_key_length", rule->max_key_length},
                   {"max_value_length", rule->max_value_length}};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].value != 0) {
            buf_printf(out, ".%s = %uu, ", members[i].name, members[i].value);
        }
    }
}

/* The most negative number has no literal of its own. */
static void
put_int64(struct buf *out, int64_t value)
{
    if (value == INT64_MIN) {
        buf_puts(out, "INT64_MIN");
    } else {
        buf_printf(out, "INT64_C(%lld)", (long long)value);
    }
}

static void
put_uses(struct buf *out, const Depot__Rpc__V1__FieldRule *rule)
{
    const struct {
        const char *name;
        bool value;
    } members[] = {{"etag", rule->etag},
                   {"if_match", rule->if_match},
                   {"link", rule->link},
                   {"nullable", rule->nullable},
                   {"filterable", rule->filterable},
                   {"sortable", rule->sortable}};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].value) {
            buf_printf(out, ".%s = true, ", members[i].name);
        }
    }
}

static void
put_rule(struct buf *out, const struct contract *contract, const struct def_message *message,
         size_t index)
{
    const Depot__Rpc__V1__FieldRule *rule = message->fields[index].rule;

    buf_printf(out, "     .rule = {.required = %s, .output_only = %s, .input_only = %s, ",
               truth(rule->required), truth(rule->output_only), truth(rule->input_only));
    put_uses(out, rule);
    if (rule->format == DEPOT__RPC__V1__FORMAT__UUID) {
        buf_puts(out, ".format = PB_FORMAT_UUID, ");
    }
    put_lengths(out, rule);
    if (rule->range != NULL) {
        buf_puts(out, ".has_range = true, .range_min = ");
        put_int64(out, rule->range->min);
        buf_puts(out, ", .range_max = ");
        put_int64(out, rule->range->max);
        buf_puts(out, ", ");
    }
    if (*rule->pattern != '\0') {
        buf_puts(out, ".pattern = ");
        out_c_string(out, rule->pattern);
        buf_puts(out, ", ");
    }
    if (rule->n_in != 0) {
        buf_printf(out, ".in = %s__in_%zu, ", message->symbol, index);
    }
    if (*rule->reason != '\0') {
        buf_printf(out, ".reason = &%s, ", contract_reason(contract, rule->reason)->constant);
    }
    buf_puts(out, "}},\n");
}

static void
put_field(struct buf *out, const struct contract *contract, const struct def_message *message,
          size_t index)
{
    const struct def_field *field = &message->fields[index];

    buf_printf(out, "    {.name = \"%s\",\n     .json_name = ", field->name);
    out_c_string(out, field->json_name);
    buf_printf(out, ",\n     .descriptor = &%s__field_descriptors[%zu],\n", message->symbol, index);
    if (field->message != NULL) {
        buf_printf(out, "     .message = &%s__schema,\n", field->message->symbol);
    }
    if (field->enumeration != NULL) {
        buf_printf(out, "     .enumeration = &%s__schema,\n", field->enumeration->symbol);
    }
    buf_printf(out, "     .is_map = %s,\n", truth(field->map));
    put_rule(out, contract, message, index);
}

/* The first field that is so, or -1. */
static int
field_that_is(const struct def_message *message, bool (*is)(const Depot__Rpc__V1__FieldRule *rule))
{
    for (size_t i = 0; i < message->n_fields; i++) {
        if (is(message->fields[i].rule)) {
            return (int)i;
        }
    }
    return -1;
}

static bool
is_etag(const Depot__Rpc__V1__FieldRule *rule)
{
    return rule->etag;
}

static bool
is_if_match(const Depot__Rpc__V1__FieldRule *rule)
{
    return rule->if_match;
}

static void
put_message(struct buf *out, const struct contract *contract, const struct def_message *message)
{
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;
    struct def_update update;
    bool updates = update_of(message, &update);

    for (size_t i = 0; i < message->n_fields; i++) {
        put_in_list(out, message, i);
    }
    if (message->n_fields != 0) {
        buf_printf(out, "static const struct pb_field %s__fields[] = {\n", message->symbol);
        for (size_t i = 0; i < message->n_fields; i++) {
            put_field(out, contract, message, i);
        }
        buf_puts(out, "};\n");
    }
    if (period != NULL) {
        buf_printf(out, "static const struct pb_period %s__period = {%d, %d, %d};\n",
                   message->symbol, message_field(message, period->start),
                   message_field(message, period->end), message_field(message, period->unbounded));
    }
    if (updates) {
        buf_printf(out, "static const struct pb_update %s__update = {%d, %d};\n", message->symbol,
                   update.target, update.mask);
    }
    buf_printf(out, "const struct pb_message %s__schema = {\n    .full_name = \"%s\",\n",
               message->symbol, message->full_name);
    buf_printf(out, "    .descriptor = &%s__descriptor,\n    .known = %s,\n", message->symbol,
               known_name(message->known));
    if (message->n_fields != 0) {
        buf_printf(out, "    .fields = %s__fields,\n", message->symbol);
    }
    buf_printf(out, "    .n_fields = %zu,\n", message->n_fields);
    if (period != NULL) {
        buf_printf(out, "    .period = &%s__period,\n", message->symbol);
    }
    if (updates) {
        buf_printf(out, "    .update = &%s__update,\n", message->symbol);
    }
    buf_printf(out, "    .etag = %d,\n    .if_match = %d,\n", field_that_is(message, is_etag),
               field_that_is(message, is_if_match));
    buf_puts(out, "};\n\n");
}

/* --- services --- */

static const char *
class_name(Depot__Rpc__V1__Class class)
{
    switch (class) {
    case DEPOT__RPC__V1__CLASS__LIST:
        return "PB_CLASS_LIST";
    case DEPOT__RPC__V1__CLASS__WRITE:
        return "PB_CLASS_WRITE";
    case DEPOT__RPC__V1__CLASS__LONG:
        return "PB_CLASS_LONG";
    default:
        return "PB_CLASS_POINT";
    }
}

static const char *
role_name(Depot__Rpc__V1__Role role)
{
    switch (role) {
    case DEPOT__RPC__V1__ROLE__MEMBER:
        return "PB_ROLE_MEMBER";
    case DEPOT__RPC__V1__ROLE__MANAGER:
        return "PB_ROLE_MANAGER";
    case DEPOT__RPC__V1__ROLE__OPERATOR:
        return "PB_ROLE_OPERATOR";
    case DEPOT__RPC__V1__ROLE__ADMIN:
        return "PB_ROLE_ADMIN";
    default:
        return "PB_ROLE_ANONYMOUS";
    }
}

/* The path variables of the first binding, and the reasons, each as a list. */
static void
put_method_lists(struct buf *out, const struct contract *contract, const struct def_method *method)
{
    buf_printf(out, "static const int16_t %s__scope[] = {", method->symbol);
    for (size_t i = 0; method->n_routes != 0 && i < method->routes[0].n_segments; i++) {
        if (method->routes[0].segments[i].variable) {
            buf_printf(out, "%d, ", method->routes[0].segments[i].field);
        }
    }
    buf_puts(out, "-1};\n");
    for (size_t i = 0; i < method->rule->n_reasons; i++) {
        buf_printf(out, "extern const struct reason %s;\n",
                   contract_reason(contract, method->rule->reasons[i])->constant);
    }
    buf_printf(out, "static const struct reason *const %s__reasons[] = {", method->symbol);
    for (size_t i = 0; i < method->rule->n_reasons; i++) {
        buf_printf(out, "&%s, ", contract_reason(contract, method->rule->reasons[i])->constant);
    }
    buf_puts(out, "NULL};\n");
}

static void
put_method(struct buf *out, const struct contract *contract, const struct def_method *method,
           size_t index)
{
    put_method_lists(out, contract, method);
    buf_printf(out, "const struct pb_method %s__method = {\n    .path = \"%s\",\n", method->symbol,
               method->path);
    buf_printf(out, "    .name = \"%s\",\n    .text = ", method->name);
    out_c_string(out, method->comment);
    buf_printf(out, ",\n    .service = &%s__service,\n    .index = %zu,\n", method->service->symbol,
               index);
    buf_printf(out, "    .request = &%s__schema,\n    .reply = &%s__schema,\n",
               method->request->symbol, method->reply->symbol);
    buf_printf(out, "    .class = %s,\n    .access = %s,\n", class_name(method->rule->class_),
               role_name(method->rule->access));
    buf_printf(out, "    .others = %s,\n    .public_read = %s,\n    .session_only = %s,\n",
               role_name(method->rule->others), truth(method->rule->public_read),
               truth(method->rule->session_only));
    buf_printf(out, "    .every_ms = %u,\n", method->rule->every_ms);
    buf_printf(out, "    .no_side_effects = %s,\n    .idempotent = %s,\n",
               truth(method->no_side_effects), truth(method->idempotent));
    buf_printf(out, "    .idempotency_key = %s,\n    .affinity = %d,\n",
               truth(method->rule->idempotency_key), method->affinity);
    buf_printf(out, "    .validate_only = %s,\n", truth(method->validate_only));
    buf_printf(out, "    .cost = %u,\n    .max_body_bytes = %u,\n",
               method->rule->cost == 0 ? 1 : method->rule->cost, method->rule->max_body_bytes);
    buf_printf(out, "    .scope = %s__scope,\n    .reasons = %s__reasons,\n};\n\n", method->symbol,
               method->symbol);
}

static void
put_service(struct buf *out, const struct contract *contract, const struct def_service *service)
{
    for (size_t i = 0; i < service->n_methods; i++) {
        put_method(out, contract, &service->methods[i], i);
    }
    buf_printf(out, "static const struct pb_method *const %s__methods[] = {\n", service->symbol);
    for (size_t i = 0; i < service->n_methods; i++) {
        buf_printf(out, "    &%s__method,\n", service->methods[i].symbol);
    }
    buf_puts(out, "    NULL};\n");
    buf_printf(out, "const struct pb_service %s__service = {\n    .full_name = \"%s\",\n",
               service->symbol, service->full_name);
    buf_printf(out, "    .short_name = \"%s\",\n    .descriptor = &%s__descriptor,\n",
               service->short_name, service->symbol);
    buf_printf(out, "    .methods = %s__methods,\n    .n_methods = %zu,\n};\n\n", service->symbol,
               service->n_methods);
}

/* --- the whole --- */

static void
put_reason(struct buf *out, const struct def_reason *reason)
{
    buf_printf(out, "const struct reason %s = {\n    .name = \"%s\",\n", reason->constant,
               reason->name);
    buf_printf(out,
               "    .code = (enum status)%u,\n    .http_status = %u,\n    .title = ", reason->code,
               reason->http);
    out_c_string(out, reason->title);
    buf_puts(out, ",\n    .text = ");
    out_c_string(out, reason->comment != NULL ? reason->comment : "");
    buf_puts(out, ",\n};\n\n");
}

/* Reasons may be named without importing their file: protoc does not know of the connection. */
static void
put_field_reasons(struct buf *out, const struct contract *contract,
                  const struct def_message *message)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const char *name = message->fields[i].rule->reason;

        if (*name != '\0') {
            buf_printf(out, "extern const struct reason %s;\n",
                       contract_reason(contract, name)->constant);
        }
    }
}

static void
put_includes(struct buf *out, const struct contract *contract, const struct def_file *file)
{
    buf_printf(out, "#include \"%s.schema.h\"\n\n", file->stem);
    buf_printf(out, "#include \"%s.pb-c.c\" /* its field descriptors are static */\n\n",
               file->stem);
    for (size_t i = 0; i < file->n_imports; i++) {
        const struct def_file *import = contract_file(contract, file->imports[i]);

        if (file_has_tables(import)) {
            buf_printf(out, "#include \"%s.schema.h\"\n", import->stem);
        }
    }
    buf_putc(out, '\n');
}

bool
emit_schema(const struct contract *contract, const struct def_file *file, const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    put_includes(&out, contract, file);
    for (size_t i = 0; i < file->n_reasons; i++) {
        put_reason(&out, &file->reasons[i]);
    }
    for (size_t i = 0; i < file->n_enums; i++) {
        buf_printf(&out, "const struct pb_enum %s__schema = {\"%s\", &%s__descriptor};\n\n",
                   file->enums[i].symbol, file->enums[i].full_name, file->enums[i].symbol);
    }
    for (size_t i = 0; i < file->n_messages; i++) {
        put_field_reasons(&out, contract, &file->messages[i]);
        put_message(&out, contract, &file->messages[i]);
    }
    for (size_t i = 0; i < file->n_services; i++) {
        put_service(&out, contract, &file->services[i]);
    }
    good = out_write(folder, arena_printf(arena, "%s.schema.c", file->stem), &out);
    buf_fini(&out);
    return good && write_header(contract, file, folder);
}
