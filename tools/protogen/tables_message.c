/* struct pb_message, with its fields and their rules. */
#include "out.h"
#include "tables.h"
#include "update.h"

static const char *
known_name(enum def_known known)
{
    static const char *const names[] = {"PB_ORDINARY",   "PB_TIMESTAMP", "PB_DURATION",
                                        "PB_FIELD_MASK", "PB_EMPTY",     "PB_WRAPPER"};

    return names[known];
}

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
               out_c_bool(rule->required), out_c_bool(rule->output_only),
               out_c_bool(rule->input_only));
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
    buf_printf(out, "     .is_map = %s,\n", out_c_bool(field->map));
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

/* Reasons may be named without importing their file: protoc does not know of the connection. */
static void
put_reasons(struct buf *out, const struct contract *contract, const struct def_message *message)
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
put_fields(struct buf *out, const struct contract *contract, const struct def_message *message)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        put_in_list(out, message, i);
    }
    if (message->n_fields == 0) {
        return;
    }
    buf_printf(out, "static const struct pb_field %s__fields[] = {\n", message->symbol);
    for (size_t i = 0; i < message->n_fields; i++) {
        put_field(out, contract, message, i);
    }
    buf_puts(out, "};\n");
}

/* What only some messages have, each in a table of its own. */
static void
put_parts(struct buf *out, const struct def_message *message, const struct def_update *update)
{
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;

    if (period != NULL) {
        buf_printf(out, "static const struct pb_period %s__period = {%d, %d, %d};\n",
                   message->symbol, message_field(message, period->start),
                   message_field(message, period->end), message_field(message, period->unbounded));
    }
    if (update != NULL) {
        buf_printf(out, "static const struct pb_update %s__update = {%d, %d};\n", message->symbol,
                   update->target, update->mask);
    }
}

static void
put_schema(struct buf *out, const struct def_message *message, bool updates)
{
    buf_printf(out, "const struct pb_message %s__schema = {\n    .full_name = \"%s\",\n",
               message->symbol, message->full_name);
    buf_printf(out, "    .descriptor = &%s__descriptor,\n    .known = %s,\n", message->symbol,
               known_name(message->known));
    if (message->n_fields != 0) {
        buf_printf(out, "    .fields = %s__fields,\n", message->symbol);
    }
    buf_printf(out, "    .n_fields = %zu,\n", message->n_fields);
    if (message->rule->period != NULL) {
        buf_printf(out, "    .period = &%s__period,\n", message->symbol);
    }
    if (updates) {
        buf_printf(out, "    .update = &%s__update,\n", message->symbol);
    }
    buf_printf(out, "    .etag = %d,\n    .if_match = %d,\n", field_that_is(message, is_etag),
               field_that_is(message, is_if_match));
    buf_puts(out, "};\n\n");
}

void
tables_put_message(struct buf *out, const struct contract *contract,
                   const struct def_message *message)
{
    struct def_update update;
    bool updates = update_of(message, &update);

    put_reasons(out, contract, message);
    put_fields(out, contract, message);
    put_parts(out, message, updates ? &update : NULL);
    put_schema(out, message, updates);
}
