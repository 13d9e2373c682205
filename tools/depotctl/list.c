/* The commands that only read the contract. */
#include <ctype.h>
#include <string.h>

#include "ctl.h"
#include "http/route.h"

static const char *const class_names[PB_CLASSES] = {
    [PB_CLASS_POINT] = "point",
    [PB_CLASS_LIST] = "list",
    [PB_CLASS_WRITE] = "write",
    [PB_CLASS_LONG] = "long",
};

int
ctl_services(struct ctl *self)
{
    for (const struct pb_service *const *at = contract_services(&self->arena); *at != NULL; at++) {
        puts((*at)->full_name);
    }
    return 0;
}

/* The first sentence of a comment, in one line. */
static const char *
first_sentence(struct arena *arena, const char *text)
{
    const char *end = strstr(text, ". ");
    const char *line = strstr(text, ".\n");
    char *sentence;

    if (end == NULL || (line != NULL && line < end)) {
        end = line;
    }
    sentence = arena_copy(arena, text, end == NULL ? strlen(text) : (size_t)(end - text) + 1);
    for (char *c = sentence; *c != '\0'; c++) {
        *c = isspace((unsigned char)*c) ? ' ' : *c;
    }
    return sentence;
}

/* Resource of depot.inventory.v1.Resource: the package is the method's anyway. */
static const char *
last_part(const char *full_name)
{
    const char *dot = strrchr(full_name, '.');

    return dot == NULL ? full_name : dot + 1;
}

static void
add_methods(struct ctl *self, struct table *table, const struct pb_service *service)
{
    for (size_t i = 0; i < service->n_methods; i++) {
        const struct pb_method *method = service->methods[i];

        table_add(table, (const char *const[]){
                             method->path + 1, last_part(method->request->full_name),
                             last_part(method->reply->full_name), access_text(&self->arena, method),
                             first_sentence(&self->arena, method->text)});
    }
}

int
ctl_methods(struct ctl *self)
{
    const char *name = self->args[0];
    bool found = false;
    struct table table;

    table_init(&table, &self->arena, 5);
    table_add(&table,
              (const char *const[]){"METHOD", "REQUEST", "REPLY", "ACCESS", "WHAT IT DOES"});
    for (const struct pb_service *const *at = contract_services(&self->arena); *at != NULL; at++) {
        if (name == NULL || contract_service_is(*at, name, strlen(name))) {
            add_methods(self, &table, *at);
            found = true;
        }
    }
    if (!found) {
        return ctl_fail(EXIT_USAGE, "there is no service '%s'; depotctl services lists them", name);
    }
    table_print(&table, stdout);
    return 0;
}

/* What else there is to say of who may call. */
static const char *
marks(const struct pb_method *method)
{
    return method->session_only ? "session only" : method->public_read ? "public read" : "-";
}

int
ctl_routes(struct ctl *self)
{
    struct table table;

    table_init(&table, &self->arena, 6);
    table_add(&table, (const char *const[]){"METHOD", "PATH", "RPC", "CLASS", "ACCESS", "MARKS"});
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];

        table_add(&table, (const char *const[]){
                              route->verb, route->pattern, route->method->path + 1,
                              class_names[route->method->class],
                              access_text(&self->arena, route->method), marks(route->method)});
    }
    table_print(&table, stdout);
    return 0;
}
