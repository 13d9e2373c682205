#include "listed.h"

#include <stdio.h>
#include <string.h>

#include "out.h"

/* The forms of SQL; those of lib/pb's enum pb_filter_type that have any. */
enum form { FORM_NONE, FORM_TEXT, FORM_EQUAL, FORM_ORDERED, FORM_TIME, FORM_MAP };

static const struct def_field *
value_of(const struct def_field *field)
{
    return field->message != NULL && field->message->known == KNOWN_WRAPPER
               ? &field->message->fields[0]
               : field;
}

static bool
is_text_map(const struct def_field *field)
{
    const int string = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING;

    return field->map && (int)field->message->fields[0].type == string &&
           (int)field->message->fields[1].type == string;
}

/* The form, and the type of PostgreSQL that a value is cast to. */
static enum form
form_of(const struct def_field *field, const char **cast)
{
    *cast = "text";
    if (field->repeated) {
        return is_text_map(field) ? FORM_MAP : FORM_NONE;
    }
    switch (value_of(field)->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING:
        return FORM_TEXT;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM:
        return FORM_EQUAL;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL:
        *cast = "boolean";
        return FORM_EQUAL;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE:
        *cast = "float8";
        return FORM_ORDERED;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP:
        return FORM_NONE;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE:
        *cast = "timestamptz";
        return field->message->known == KNOWN_TIMESTAMP ? FORM_TIME : FORM_NONE;
    default:
        *cast = "bigint";
        return FORM_ORDERED;
    }
}

bool
listed_can_filter(const struct def_field *field)
{
    const char *cast;

    return form_of(field, &cast) != FORM_NONE;
}

bool
listed_can_sort(const struct def_field *field)
{
    const char *cast;
    enum form form = form_of(field, &cast);

    if (value_of(field) != field) {
        return false;
    }
    return form == FORM_TEXT || form == FORM_TIME ||
           (form == FORM_ORDERED && strcmp(cast, "bigint") == 0);
}

static const struct def_field *
string_field(const struct def_message *message, const char *name)
{
    int index = message_field(message, name);
    const struct def_field *field = index < 0 ? NULL : &message->fields[index];

    return field != NULL && !field->repeated &&
                   field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING
               ? field
               : NULL;
}

const struct def_field *
listed_filter(const struct def_method *method)
{
    return string_field(method->request, "filter");
}

const struct def_field *
listed_order(const struct def_method *method)
{
    return string_field(method->request, "order_by");
}

const struct def_message *
listed_message(const struct def_method *method)
{
    for (size_t i = 0; i < method->reply->n_fields; i++) {
        const struct def_field *field = &method->reply->fields[i];

        if (field->repeated && !field->map && field->message != NULL &&
            field->message->known == KNOWN_ORDINARY) {
            return field->message;
        }
    }
    return NULL;
}

/* --- SQL --- */

/* `@` is the left side, `#` a value. */
static void
put_compare(struct buf *out, const char *op, const char *format, const char *left, const char *cast)
{
    struct buf sql = BUF_INIT;

    for (const char *c = format; *c != '\0'; c++) {
        if (*c == '@') {
            buf_puts(&sql, left);
        } else if (*c == '#') {
            buf_printf(&sql, "$::%s", cast);
        } else {
            buf_putc(&sql, *c);
        }
    }
    buf_putc(&sql, '\0');
    buf_printf(out, "[PB_FILTER_%s] = ", op);
    out_c_string(out, sql.data);
    buf_puts(out, ",\n                 ");
    buf_fini(&sql);
}

/* Comparisons with what is absent are false, of which `!=` is the opposite of `=`. */
static void
put_equality(struct buf *out, const char *left, const char *cast)
{
    put_compare(out, "EQ", "@ = #", left, cast);
    put_compare(out, "NE", "@ IS DISTINCT FROM #", left, cast);
}

/* Texts are in the order of their code points, whatever the database's own is. */
static void
put_order(struct buf *out, const char *left, const char *cast, bool is_text)
{
    static const char *const names[] = {"LT", "LE", "GT", "GE"};
    static const char *const formats[] = {"@ < #", "@ <= #", "@ > #", "@ >= #"};
    static const char *const of_text[] = {"@ COLLATE \"C\" < #", "@ COLLATE \"C\" <= #",
                                          "@ COLLATE \"C\" > #", "@ COLLATE \"C\" >= #"};

    for (size_t i = 0; i < 4; i++) {
        put_compare(out, names[i], is_text ? of_text[i] : formats[i], left, cast);
    }
}

static void
put_text(struct buf *out, const char *left)
{
    put_equality(out, left, "text");
    put_order(out, left, "text", true);
    put_compare(out, "HAS", "strpos(@, #) > 0", left, "text");
}

static void
put_comparisons(struct buf *out, const struct def_field *field)
{
    const char *cast;
    enum form form = form_of(field, &cast);
    char column[160], text[200];

    snprintf(column, sizeof column, "\"%s\"", field->name);
    if (form == FORM_MAP) {
        snprintf(text, sizeof text, "(%s ->> $::text)", column);
    } else {
        snprintf(text, sizeof text, "%s::text", column);
    }
    if (form == FORM_MAP) {
        put_text(out, text);
        put_compare(out, "PRESENT", "@ ? #", column, "text");
        return;
    }
    if (form == FORM_TEXT) {
        put_text(out, text);
        put_compare(out, "PRESENT", value_of(field) == field ? "@ <> ''" : "@ IS NOT NULL", text,
                    "text");
        return;
    }
    put_equality(out, form == FORM_EQUAL && strcmp(cast, "text") == 0 ? text : column, cast);
    if (form != FORM_EQUAL) {
        put_order(out, column, cast, false);
        put_compare(out, "PRESENT", "@ IS NOT NULL", column, cast);
    }
}

static void
put_sort(struct buf *out, const struct def_field *field)
{
    const char *cast;
    enum form form = form_of(field, &cast);

    buf_puts(out, "     .sort = ");
    if (form == FORM_TEXT) {
        buf_printf(out, "\"\\\"%s\\\"::text COLLATE \\\"C\\\"\"", field->name);
    } else if (form == FORM_TIME) {
        buf_printf(out, "\"coalesce(\\\"%s\\\", timestamptz '-infinity')\"", field->name);
    } else {
        buf_printf(out, "\"\\\"%s\\\"\"", field->name);
    }
    buf_printf(out, ",\n     .cast = \"%s\",\n", cast);
}

void
listed_put_columns(struct buf *out, const char *name, const struct def_message *message)
{
    buf_printf(out, "static const struct db_column %s_columns[] = {\n", name);
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (!field->rule->filterable && !field->rule->sortable) {
            continue;
        }
        buf_printf(out, "    {.name = \"%s\",\n", field->name);
        if (field->rule->filterable) {
            buf_puts(out, "     .compare = {");
            put_comparisons(out, field);
            buf_puts(out, "},\n");
        }
        if (field->rule->sortable) {
            put_sort(out, field);
        }
        buf_puts(out, "    },\n");
    }
    buf_puts(out, "    {.name = NULL}};\n");
}
