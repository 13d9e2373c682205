/* What a query must do for its method to be what the contract says. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "listed.h"
#include "queries.h"

/* One line about the query; false. */
static bool __attribute__((format(printf, 2, 3)))
refuse(const struct query *query, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:1:1: ", query->path);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

/* --- lists --- */

bool
query_is_list(const struct query *self)
{
    return !self->is_then &&
           (listed_filter(self->method) != NULL || listed_order(self->method) != NULL);
}

/* How many statements have the slot. */
static size_t
count_slot(const struct sql_file *sql, enum sql_slot slot)
{
    size_t n = 0;

    for (const struct sql_statement *s = sql->statements; s != NULL; s = s->next) {
        n += s->slots[slot];
    }
    return n;
}

/* A list's one statement has the slots that its request needs; no other has any. */
static bool
check_slots(const struct query *self)
{
    static const char *const names[SQL_SLOTS] = {"filter", "after", "order"};
    const struct def_method *method = self->method;
    bool wants_order = !self->is_then && listed_order(method) != NULL;
    const bool wanted[SQL_SLOTS] = {!self->is_then && listed_filter(method) != NULL, wants_order,
                                    wants_order};
    bool good = true;

    for (unsigned i = 0; i < SQL_SLOTS; i++) {
        if (count_slot(&self->sql, i) != wanted[i]) {
            good = refuse(self, "%s slot \"%s\" for `filter` or `order_by` of %s",
                          wanted[i] ? "there must be one" : "there must be no", names[i],
                          method->request->name);
        }
    }
    for (const struct sql_statement *s = self->sql.statements; good && s != NULL; s = s->next) {
        if (s->slots[SQL_SLOT_AFTER] != s->slots[SQL_SLOT_ORDER] ||
            (s->slots[SQL_SLOT_FILTER] != s->slots[SQL_SLOT_ORDER] && wanted[SQL_SLOT_FILTER] &&
             wants_order)) {
            good = refuse(self, "all slots must be of one statement");
        }
    }
    return good;
}

/* --- owners --- */

/* Whether one of the method's queries has the parameter. */
static bool
has_param(const struct query *self, const char *name)
{
    for (size_t i = 0; i < self->sql.n_params; i++) {
        if (strcmp(self->sql.params[i], name) == 0) {
            return true;
        }
    }
    return self->then != NULL && has_param(self->then, name);
}

static bool
check_owner(const struct query *self)
{
    static const char *const names[] = {"caller_id", "caller_sees_all"};
    bool good = true;

    if (self->method->rule->others == DEPOT__RPC__V1__ROLE__ROLE_UNSPECIFIED) {
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!has_param(self, names[i])) {
            good = refuse(self,
                          "rpc %s has `others`, and its query must say whose a row may be: it "
                          "lacks :'%s'",
                          self->method->name, names[i]);
        }
    }
    return good;
}

/* --- records --- */

/* Whether the word stands at `*at`, whatever its case; moves behind it and the blanks after it. */
static bool
take_word(const char **at, const char *word)
{
    size_t bytes = strlen(word);
    unsigned char next;

    if (strncasecmp(*at, word, bytes) != 0) {
        return false;
    }
    next = (unsigned char)(*at)[bytes];
    if (isalnum(next) || next == '_' || next == '$' || next >= 0x80) {
        return false;
    }
    *at += bytes;
    *at += strspn(*at, " \t\r\n\f\v");
    return true;
}

static bool
inserts_at(const char *text)
{
    return take_word(&text, "INSERT") && take_word(&text, "INTO") &&
           take_word(&text, "depot_audit");
}

static bool
records(const struct query *self)
{
    for (const struct sql_statement *s = self->sql.statements; s != NULL; s = s->next) {
        for (const char *at = s->text; *at != '\0'; at++) {
            bool begins = at == s->text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');

            if (begins && inserts_at(at)) {
                return true;
            }
        }
    }
    return self->then != NULL && records(self->then);
}

static bool
check_record(const struct query *self)
{
    const struct def_method *method = self->method;

    if (method->no_side_effects || method->rule->every_ms != 0 || records(self)) {
        return true;
    }
    return refuse(self,
                  "rpc %s changes something, and its query must record that: it has no INSERT INTO "
                  "depot_audit",
                  method->name);
}

/* --- the whole --- */

static bool
check_key(const struct query *self)
{
    if (self->then == NULL || !self->method->rule->idempotency_key) {
        return true;
    }
    return refuse(self->then, "rpc %s takes an idempotency key, and cannot have a second query",
                  self->method->name);
}

bool
queries_check(const struct queries *self)
{
    bool good = true;

    for (size_t i = 0; i < self->n; i++) {
        const struct query *query = &self->list[i];

        good = check_slots(query) && good;
        if (!query->is_then) {
            good = check_key(query) && good;
            good = check_owner(query) && good;
            good = check_record(query) && good;
        }
    }
    return good;
}
