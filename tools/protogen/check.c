#include "check.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "method_names.h"
#include "update.h"

void
check_refuse(struct check *self, struct place place, const char *format, ...)
{
    va_list args;

    fprintf(self->out, "%s:%d:%d: ", place.file, place.line, place.column);
    va_start(args, format);
    vfprintf(self->out, format, args);
    va_end(args);
    fputc('\n', self->out);
    self->n_faults++;
}

static void
check_comment(struct check *self, const char *comment, struct place place, const char *kind,
              const char *name)
{
    if (comment == NULL) {
        check_refuse(self, place, "%s %s has no comment", kind, name);
    }
}

/* --- files --- */

/* v1, v1beta2 and their kind. */
static bool
is_version(const char *part)
{
    if (part[0] != 'v' || !isdigit((unsigned char)part[1])) {
        return false;
    }
    part += 1 + strspn(part + 1, "0123456789");
    if (strncmp(part, "alpha", 5) == 0) {
        part += 5;
    } else if (strncmp(part, "beta", 4) == 0) {
        part += 4;
    }
    return part[strspn(part, "0123456789")] == '\0';
}

static void
check_package(struct check *self, const struct def_file *file)
{
    const char *last = strrchr(file->package, '.');

    if (last == NULL || !is_version(last + 1)) {
        check_refuse(self, file->package_place,
                     "the package \"%s\" has no version; it ends with .v1 or its kind",
                     file->package);
    }
    if (!file->proto3) {
        check_refuse(self, file->syntax_place, "the syntax is not proto3");
    }
}

/* --- messages and enums --- */

static void
check_period(struct check *self, const struct def_message *message)
{
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;
    const char *ends[2];

    if (period == NULL) {
        return;
    }
    ends[0] = period->start;
    ends[1] = period->end;
    for (size_t i = 0; i < 2; i++) {
        int field = message_field(message, ends[i]);

        if (field < 0 || message->fields[field].repeated ||
            message->fields[field].message == NULL ||
            message->fields[field].message->known != KNOWN_TIMESTAMP) {
            check_refuse(self, message->rule_place,
                         "the period of %s names \"%s\", which is no Timestamp field of it",
                         message->name, ends[i]);
        }
    }
    if (*period->unbounded != '\0') {
        int field = message_field(message, period->unbounded);

        if (field < 0 || message->fields[field].repeated ||
            message->fields[field].type !=
                GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL) {
            check_refuse(self, message->rule_place,
                         "the period of %s names \"%s\", which is no bool field of it",
                         message->name, period->unbounded);
        }
    }
}

/* A name read from JSON may be either spelling: all of a message's must differ. */
static void
check_json_names(struct check *self, const struct def_message *message)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        for (size_t j = 0; j < message->n_fields; j++) {
            const struct def_field *a = &message->fields[i], *b = &message->fields[j];

            if ((i < j && strcmp(a->json_name, b->json_name) == 0) ||
                (i != j && strcmp(a->json_name, b->name) == 0)) {
                check_refuse(self, b->place, "fields %s and %s of %s have one JSON name, \"%s\"",
                             a->name, b->name, message->name, a->json_name);
            }
        }
    }
}

static void
check_message(struct check *self, const struct def_message *message)
{
    if (message->map_entry) {
        return;
    }
    if (message->shown) {
        check_comment(self, message->comment, message->place, "message", message->name);
    }
    for (size_t i = 0; i < message->n_fields; i++) {
        check_field(self, message, &message->fields[i]);
    }
    check_json_names(self, message);
    check_period(self, message);
    check_update(self, message);
}

static void
check_enum(struct check *self, const struct def_enum *enumeration)
{
    if (!enumeration->shown) {
        return;
    }
    check_comment(self, enumeration->comment, enumeration->place, "enum", enumeration->full_name);
    for (size_t i = 0; i < enumeration->n_values; i++) {
        const struct def_value *value = &enumeration->values[i];

        if (value->number != 0) {
            check_comment(self, value->comment, value->place, "enum value", value->name);
        }
    }
}

/* --- reasons --- */

static void
check_reason(struct check *self, const struct def_reason *reason)
{
    const struct def_reason *first = contract_reason(self->contract, reason->name);

    check_comment(self, reason->comment, reason->place, "reason", reason->name);
    if (first != reason) {
        check_refuse(self, reason->place, "reason %s is declared twice, first at %s:%d:%d",
                     reason->name, first->place.file, first->place.line, first->place.column);
    }
    if (reason->code < 1 || reason->code > 16) {
        check_refuse(self, reason->place, "reason %s has no google.rpc code (1 to 16)",
                     reason->name);
    }
    if (reason->http < 400 || reason->http > 599) {
        check_refuse(self, reason->place, "reason %s has no HTTP status of a failure (400 to 599)",
                     reason->name);
    }
    if (*reason->title == '\0') {
        check_refuse(self, reason->place, "reason %s has no title", reason->name);
    }
}

/* --- services --- */

/* Handlers and queries of all services of a file lie in one folder. */
static void
check_handler_names(struct check *self, const struct def_file *file,
                    const struct def_method *method)
{
    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            const struct def_method *other = &file->services[i].methods[j];

            if (other == method) {
                return;
            }
            if (methods_collide(other, method)) {
                check_refuse(self, method->place,
                             "rpcs %s and %s have one name for their handlers or queries, %s",
                             other->name, method->name, method->snake);
            }
        }
    }
}

static void
check_service(struct check *self, const struct def_service *service)
{
    check_comment(self, service->comment, service->place, "service", service->name);
    for (size_t i = 0; i < service->n_methods; i++) {
        const struct def_method *method = &service->methods[i];

        check_comment(self, method->comment, method->place, "rpc", method->name);
        check_handler_names(self, service->file, method);
        check_method(self, method);
    }
}

/* --- the whole --- */

static void
check_file(struct check *self, const struct def_file *file)
{
    check_package(self, file);
    for (size_t i = 0; i < file->n_messages; i++) {
        check_message(self, &file->messages[i]);
    }
    for (size_t i = 0; i < file->n_enums; i++) {
        check_enum(self, &file->enums[i]);
    }
    for (size_t i = 0; i < file->n_reasons; i++) {
        check_reason(self, &file->reasons[i]);
    }
    for (size_t i = 0; i < file->n_services; i++) {
        check_service(self, &file->services[i]);
    }
}

size_t
contract_check(const struct contract *contract, FILE *out)
{
    struct check self = {contract, out, 0};

    for (size_t i = 0; i < contract->n_files; i++) {
        if (!contract->files[i].foreign && !contract->files[i].no_generate) {
            check_file(&self, &contract->files[i]);
        }
    }
    check_routes(&self);
    return self.n_faults;
}
