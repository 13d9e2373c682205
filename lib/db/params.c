#include "db/params.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/uuid.h"
#include "pb/time.h"
#include "pb/update.h"

enum { FIRST_LOCKS = 4, NO_FIELD = -1, FIRST_RESERVED = -2 };

static const char *
caller_id(const struct call *call)
{
    return call->caller.id[0] == '\0' ? NULL : call->caller.id;
}

/* A program acts for an account; for the record it is not the person. */
static const char *
caller_name(const struct call *call)
{
    const struct caller *caller = &call->caller;
    const char *name = caller->name;

    if (caller->is_program) {
        name = arena_printf(call->arena, "%s (API key %s)", caller->name, caller->session);
    }
    return name == NULL ? caller->name : name;
}

static const char *
caller_role(const struct call *call)
{
    static const char *const names[] = {
        [PB_ROLE_ANONYMOUS] = "ANONYMOUS", [PB_ROLE_MEMBER] = "MEMBER",
        [PB_ROLE_MANAGER] = "MANAGER",     [PB_ROLE_ADMIN] = "ADMIN",
        [PB_ROLE_OPERATOR] = "OPERATOR",
    };

    return names[call->caller.role];
}

static const char *
caller_sees_all(const struct call *call)
{
    return call->caller.sees_all ? "t" : "f";
}

static const char *
client_address(const struct call *call)
{
    return call->client_address;
}

static const char *
request_id(const struct call *call)
{
    return call->request_id;
}

/* Parameters that are no handler's to set and no request's to bring. */
static const struct {
    const char *name;
    const char *(*value)(const struct call *call);
} reserved[] = {
    {"caller_id", caller_id},           {"caller_name", caller_name},
    {"caller_role", caller_role},       {"caller_sees_all", caller_sees_all},
    {"client_address", client_address}, {"request_id", request_id},
};

enum { N_RESERVED = sizeof(reserved) / sizeof(reserved[0]) };

/* As `fields` of a binding has it: FIRST_RESERVED and below, or NO_FIELD. */
static int16_t
reserved_named(const char *name)
{
    for (int i = 0; i < N_RESERVED; i++) {
        if (strcmp(reserved[i].name, name) == 0) {
            return (int16_t)(FIRST_RESERVED - i);
        }
    }
    return NO_FIELD;
}

void
db_binding_init(struct db_binding *self, const struct db_query *query,
                const struct pb_message *schema)
{
    *self = (struct db_binding){.query = query, .schema = schema};
    self->fields = calloc(query->n_params + 1, sizeof(self->fields[0]));
    ASSERT(self->fields != NULL);
    for (size_t i = 0; i < query->n_params; i++) {
        const char *name = query->params[i];
        const struct pb_field *field = pb_field_named(schema, name, strlen(name));

        self->fields[i] = reserved_named(name);
        ASSERT(field == NULL || self->fields[i] == NO_FIELD);
        if (field != NULL) {
            self->fields[i] = (int16_t)(field - schema->fields);
        }
    }
}

void
db_binding_fini(struct db_binding *self)
{
    free(self->fields);
    self->fields = NULL;
}

static void
put(struct db_params *self, size_t param, const char *value)
{
    self->values[param] = value;
    self->set[param] = true;
}

void
db_params_init(struct db_params *self, struct call *call, const struct db_binding *binding,
               const ProtobufCMessage *request)
{
    size_t n = binding->query->n_params;

    *self = (struct db_params){.call = call, .query = binding->query};
    self->values = arena_zalloc(call->arena, n * sizeof(self->values[0]));
    self->set = arena_zalloc(call->arena, n * sizeof(self->set[0]));
    if (self->values == NULL || self->set == NULL) {
        self->exhausted = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        int16_t field = binding->fields[i];
        const char *value;

        if (field <= FIRST_RESERVED) {
            put(self, i, reserved[FIRST_RESERVED - field].value(call));
        } else if (field >= 0 && db_field_text(call->arena, &binding->schema->fields[field],
                                               request, &value, &self->exhausted)) {
            put(self, i, value);
        }
    }
}

static size_t
param_named(const struct db_params *self, const char *name)
{
    size_t i = 0;

    while (i < self->query->n_params && strcmp(self->query->params[i], name) != 0) {
        i++;
    }
    ASSERT(i < self->query->n_params);
    return i;
}

void
db_set_text(struct db_params *params, const char *name, const char *value)
{
    if (!params->exhausted) {
        put(params, param_named(params, name), value);
    }
}

void
db_set_new_id(struct db_params *params, const char *name)
{
    char *id = arena_alloc(params->call->arena, UUID_TEXT_BYTES);

    params->exhausted = params->exhausted || id == NULL;
    if (id != NULL) {
        uuid_v7(id);
        db_set_text(params, name, id);
    }
}

void
db_set_int(struct db_params *params, const char *name, int64_t value)
{
    const char *text = arena_printf(params->call->arena, "%lld", (long long)value);

    params->exhausted = params->exhausted || text == NULL;
    db_set_text(params, name, text);
}

void
db_set_bool(struct db_params *params, const char *name, bool value)
{
    db_set_text(params, name, value ? "t" : "f");
}

void
db_set_time(struct db_params *params, const char *name, const Google__Protobuf__Timestamp *value)
{
    char text[PB_TIME_TEXT_BYTES];
    const char *copy = NULL;

    if (value != NULL) {
        copy = arena_copy(params->call->arena, text, pb_time_format(value, text));
        params->exhausted = params->exhausted || copy == NULL;
    }
    db_set_text(params, name, copy);
}

void
db_set_fields(struct db_params *params, const struct pb_message *schema,
              const ProtobufCMessage *message)
{
    if (params->exhausted) {
        return;
    }
    for (size_t i = 0; i < params->query->n_params; i++) {
        const char *name = params->query->params[i];
        const struct pb_field *field = pb_field_named(schema, name, strlen(name));
        const char *value;

        if (field != NULL && !field->rule.output_only && reserved_named(name) == NO_FIELD &&
            db_field_text(params->call->arena, field, message, &value, &params->exhausted)) {
            put(params, i, value);
        }
    }
}

bool
db_update_sets(const struct pb_message *schema, const ProtobufCMessage *request, const char *name)
{
    const struct pb_field *field =
        pb_field_named(pb_update_target_schema(schema), name, strlen(name));

    ASSERT(field != NULL);
    return pb_update_names(schema, request, field);
}

static bool
sets_any(const struct pb_message *schema, const ProtobufCMessage *request)
{
    const struct pb_message *thing = pb_update_target_schema(schema);

    for (size_t i = 0; i < thing->n_fields; i++) {
        if (pb_update_names(schema, request, &thing->fields[i])) {
            return true;
        }
    }
    return false;
}

void
db_set_update(struct db_params *params, const struct pb_message *schema,
              const ProtobufCMessage *request)
{
    static const char prefix[] = "set_";

    db_set_fields(params, pb_update_target_schema(schema), pb_update_target(schema, request));
    for (size_t i = 0; i < params->query->n_params && !params->exhausted; i++) {
        const char *name = params->query->params[i];

        if (strcmp(name, "set_any") == 0) {
            put(params, i, sets_any(schema, request) ? "t" : "f");
        } else if (strncmp(name, prefix, sizeof(prefix) - 1) == 0) {
            put(params, i, db_update_sets(schema, request, name + sizeof(prefix) - 1) ? "t" : "f");
        }
    }
}

int64_t
db_lock_key(const char *kind, const char *key)
{
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    char uuid[UUID_TEXT_BYTES];
    int64_t number;

    key = uuid_canonical(key, uuid);
    crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    /* With its NUL: ("a", "bc") is not ("ab", "c"). */
    crypto_generichash_update(&state, (const unsigned char *)kind, strlen(kind) + 1);
    crypto_generichash_update(&state, (const unsigned char *)key, strlen(key));
    crypto_generichash_final(&state, digest, sizeof(digest));
    memcpy(&number, digest, sizeof(number));
    return number;
}

void
db_lock(struct db_params *params, const char *kind, const char *key)
{
    if (key == NULL) {
        params->exhausted = true;
        return;
    }
    if (params->n_locks == params->locks_size) {
        size_t size = params->locks_size == 0 ? FIRST_LOCKS : 2 * params->locks_size;
        int64_t *locks = arena_alloc(params->call->arena, size * sizeof(locks[0]));

        if (locks == NULL) {
            params->exhausted = true;
            return;
        }
        if (params->n_locks > 0) {
            memcpy(locks, params->locks, params->n_locks * sizeof(locks[0]));
        }
        params->locks = locks;
        params->locks_size = size;
    }
    params->locks[params->n_locks++] = db_lock_key(kind, key);
}
