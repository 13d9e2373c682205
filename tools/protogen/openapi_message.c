/* Messages as schemas: which there are, their names and their members. */
#include <string.h>

#include "openapi.h"
#include "route.h"
#include "update.h"

/* --- names --- */

static const char *
relative_name(const struct def_message *message)
{
    size_t package = strlen(message->file->package);

    return message->full_name + (package == 0 ? 0 : package + 1);
}

static const char *
unique_name(const struct contract *contract, const struct def_message *message)
{
    const char *name = relative_name(message);

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_messages; j++) {
            const struct def_message *other = &contract->files[i].messages[j];

            if (other != message && other->shown && other->known == KNOWN_ORDINARY &&
                strcmp(relative_name(other), name) == 0) {
                return message->full_name;
            }
        }
    }
    return name;
}

const char *
openapi_schema_name(const struct contract *contract, const struct def_message *message,
                    enum openapi_form form)
{
    static const char *const endings[FORMS] = {"", "Input", "Patch"};

    return arena_printf((struct arena *)&contract->arena, "%s%s", unique_name(contract, message),
                        endings[form]);
}

void
openapi_schema_ref(struct doc *doc, const struct contract *contract,
                   const struct def_message *message, enum openapi_form form)
{
    doc_object(doc, "schema");
    doc_printf(doc, "$ref", "#/components/schemas/%s",
               openapi_schema_name(contract, message, form));
    doc_end(doc);
}

enum openapi_form
openapi_body_form(const struct def_route *route)
{
    struct def_update update;

    return update_of(route->method->request, &update) && route->body_field == update.target
               ? FORM_PATCH
               : FORM_INPUT;
}

/* --- members --- */

/* Over HTTP a version is a header field. */
static bool
has_member(const struct def_field *field, enum openapi_form form)
{
    return !field->rule->etag && !field->rule->if_match &&
           !(form == FORM_ANSWER ? field->rule->input_only : field->rule->output_only);
}

static bool
is_required(const struct def_field *field, enum openapi_form form)
{
    if (form == FORM_PATCH) {
        return false;
    }
    if (form == FORM_INPUT) {
        return field->rule->required;
    }
    return field->oneof == NULL &&
           (field->message == NULL || field->repeated || field->rule->nullable);
}

/* `route`: what comes from its path is left out; NULL: nothing is. */
static bool
is_shown(const struct def_message *message, size_t index, enum openapi_form form,
         const struct def_route *route)
{
    return has_member(&message->fields[index], form) &&
           (route == NULL || !route_has_variable(route, (int)index));
}

static void
put_required(struct doc *doc, const struct def_message *message, enum openapi_form form,
             const struct def_route *route)
{
    bool any = false;

    for (size_t i = 0; i < message->n_fields; i++) {
        if (is_shown(message, i, form, route) && is_required(&message->fields[i], form)) {
            if (!any) {
                doc_array(doc, "required");
            }
            any = true;
            doc_string(doc, NULL, message->fields[i].json_name);
        }
    }
    if (any) {
        doc_end(doc);
    }
}

static void
put_object(struct doc *doc, const struct contract *contract, const struct def_message *message,
           enum openapi_form form, const struct def_route *route)
{
    doc_string(doc, "type", "object");
    put_required(doc, message, form, route);
    doc_object(doc, "properties");
    for (size_t i = 0; i < message->n_fields; i++) {
        if (is_shown(message, i, form, route)) {
            doc_object(doc, message->fields[i].json_name);
            openapi_field(doc, contract, &message->fields[i], form);
            doc_end(doc);
        }
    }
    doc_end(doc);
    /* Answers may grow; in a request what is unknown is refused. */
    if (form != FORM_ANSWER) {
        doc_bool(doc, "additionalProperties", false);
    }
}

void
openapi_request(struct doc *doc, const struct contract *contract, const struct def_route *route)
{
    put_object(doc, contract, route->method->request, FORM_INPUT, route);
}

/* --- which there are --- */

/* The messages found so far, in the order in which the contract leads to them. */
struct found {
    const struct contract *contract;
    const struct def_message **messages;
    bool (*forms)[FORMS];
    size_t n;
};

static void find_in_fields(struct found *self, const struct def_message *message,
                           enum openapi_form form);

static void
find(struct found *self, const struct def_message *message, enum openapi_form form)
{
    size_t i = 0;

    while (i < self->n && self->messages[i] != message) {
        i++;
    }
    if (i < self->n && self->forms[i][form]) {
        return;
    }
    if (i == self->n) {
        self->messages[self->n++] = message;
    }
    self->forms[i][form] = true;
    find_in_fields(self, message, form);
}

static void
find_in_fields(struct found *self, const struct def_message *message, enum openapi_form form)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        if (message->fields[i].message != NULL && has_member(&message->fields[i], form)) {
            find(self, message->fields[i].message, form == FORM_PATCH ? FORM_INPUT : form);
        }
    }
}

static void
find_in_method(struct found *self, const struct def_method *method)
{
    for (size_t i = 0; i < method->n_routes; i++) {
        int body = method->routes[i].body_field;

        find(self, method->reply, FORM_ANSWER);
        if (body == BODY_WHOLE) {
            find_in_fields(self, method->request, FORM_INPUT);
        } else if (body >= 0) {
            find(self, method->request->fields[body].message,
                 openapi_body_form(&method->routes[i]));
        }
    }
}

static void
find_all(struct found *found)
{
    const struct contract *contract = found->contract;

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_services; j++) {
            const struct def_service *service = &contract->files[i].services[j];

            for (size_t k = 0; k < service->n_methods; k++) {
                find_in_method(found, &service->methods[k]);
            }
        }
        for (size_t j = 0; j < contract->files[i].n_reasons; j++) {
            const struct def_message *detail =
                openapi_detail(contract, &contract->files[i].reasons[j]);

            if (detail != NULL) {
                find(found, detail, FORM_ANSWER);
            }
        }
    }
}

/* --- the whole --- */

static void
put_schema(struct doc *doc, const struct contract *contract, const struct def_message *message,
           enum openapi_form form)
{
    doc_object(doc, openapi_schema_name(contract, message, form));
    if (message->comment != NULL) {
        doc_string(doc, "description", message->comment);
    }
    put_object(doc, contract, message, form, NULL);
    doc_end(doc);
}

void
openapi_schemas(struct doc *doc, const struct contract *contract)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct found found = {.contract = contract};
    size_t n = 0;

    for (size_t i = 0; i < contract->n_files; i++) {
        n += contract->files[i].n_messages;
    }
    found.messages = arena_zalloc(arena, n * sizeof *found.messages);
    found.forms = arena_zalloc(arena, n * sizeof *found.forms);
    find_all(&found);
    doc_object(doc, "schemas");
    for (size_t i = 0; i < found.n; i++) {
        for (int form = 0; form < FORMS; form++) {
            if (found.forms[i][form] && found.messages[i]->known == KNOWN_ORDINARY &&
                !found.messages[i]->map_entry) {
                put_schema(doc, contract, found.messages[i], (enum openapi_form)form);
            }
        }
    }
    openapi_problem_schemas(doc);
    doc_end(doc);
}
