#include "support/note.h"

#include <stddef.h>
#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"

int note_again, note_first_again, note_second_again;
void (*note_between)(struct call *call);
atomic_int note_tick_fails;

const char note_tables_sql[] =
    "CREATE TABLE note (id text NOT NULL, text text NOT NULL, number int NOT NULL,"
    "    xid bigint NOT NULL DEFAULT txid_current(),"
    "    timeout text NOT NULL DEFAULT current_setting('statement_timeout'));"
    "CREATE TABLE counter (id text PRIMARY KEY, number int NOT NULL DEFAULT 0);"
    "CREATE FUNCTION note_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "    IF NEW.text = 'late poison' THEN RAISE EXCEPTION 'poisoned at commit'; END IF;"
    "    IF NEW.text = 'late sleep' THEN PERFORM pg_sleep(NEW.number / 1000.0); END IF;"
    "    RETURN NULL; END $$;"
    "CREATE CONSTRAINT TRIGGER note_at_commit AFTER INSERT ON note"
    "    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_at_commit();";

/* --- the message --- */

#define FIELD(number, member, kind, nothing)                                                       \
    {                                                                                              \
#member, number, PROTOBUF_C_LABEL_NONE, PROTOBUF_C_TYPE_##kind, 0,                         \
            offsetof(struct note, member), NULL, nothing, 0, 0, NULL, NULL                         \
    }

static const ProtobufCFieldDescriptor field_descriptors[] = {
    FIELD(1, id, STRING, &protobuf_c_empty_string),
    FIELD(2, text, STRING, &protobuf_c_empty_string),
    FIELD(3, number, INT32, NULL),
};
static const unsigned by_name[] = {0, 2, 1};
static const ProtobufCIntRange ranges[] = {{1, 0}, {0, 3}};

static const ProtobufCMessageDescriptor descriptor;

static void
note_init(ProtobufCMessage *message)
{
    struct note *note = (struct note *)message;

    *note = (struct note){
        .base = PROTOBUF_C_MESSAGE_INIT(&descriptor),
        .id = (char *)(uintptr_t)protobuf_c_empty_string,
        .text = (char *)(uintptr_t)protobuf_c_empty_string,
    };
}

static const ProtobufCMessageDescriptor descriptor = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "test.Note",
    .short_name = "Note",
    .c_name = "Note",
    .package_name = "test",
    .sizeof_message = sizeof(struct note),
    .n_fields = 3,
    .fields = field_descriptors,
    .fields_sorted_by_name = by_name,
    .n_field_ranges = 1,
    .field_ranges = ranges,
    .message_init = note_init,
};

static const struct pb_field fields[] = {
    {.name = "id", .json_name = "id", .descriptor = &field_descriptors[0]},
    {.name = "text", .json_name = "text", .descriptor = &field_descriptors[1]},
    {.name = "number", .json_name = "number", .descriptor = &field_descriptors[2]},
};

const struct pb_message note_schema = {
    .full_name = "test.Note",
    .descriptor = &descriptor,
    .fields = fields,
    .n_fields = 3,
    .etag = -1,
    .if_match = -1,
};

/* --- the contract --- */

static const struct pb_service contract;
static const int16_t scope_id[] = {0, -1};
static const struct reason *const no_reasons[] = {NULL};

#define METHOD(number, title, role, ...)                                                           \
    [number] = {.path = "/test.Notes/" title,                                                      \
                .name = title,                                                                     \
                .text = "",                                                                        \
                .service = &contract,                                                              \
                .index = number,                                                                   \
                .request = &note_schema,                                                           \
                .reply = &note_schema,                                                             \
                .access = role,                                                                    \
                .scope = scope_id,                                                                 \
                .reasons = no_reasons,                                                             \
                __VA_ARGS__}

const struct pb_method note_methods[NOTE_METHODS] = {
    METHOD(NOTE_PUT, "Put", PB_ROLE_ANONYMOUS, .class = PB_CLASS_WRITE, .idempotency_key = true,
           .affinity = 0),
    METHOD(NOTE_GET, "Get", PB_ROLE_ANONYMOUS, .class = PB_CLASS_POINT, .no_side_effects = true,
           .idempotent = true, .affinity = -1),
    METHOD(NOTE_SWAP, "Swap", PB_ROLE_ANONYMOUS, .class = PB_CLASS_WRITE, .affinity = -1),
    METHOD(NOTE_MAYBE, "Maybe", PB_ROLE_ANONYMOUS, .class = PB_CLASS_WRITE, .idempotency_key = true,
           .affinity = 0),
    METHOD(NOTE_STEPS, "Steps", PB_ROLE_ANONYMOUS, .class = PB_CLASS_LONG, .affinity = -1),
    METHOD(NOTE_TICK, "Tick", PB_ROLE_OPERATOR, .class = PB_CLASS_WRITE, .affinity = -1,
           .every_ms = 20),
};

static const struct pb_method *const methods[] = {&note_methods[0], &note_methods[1],
                                                  &note_methods[2], &note_methods[3],
                                                  &note_methods[4], &note_methods[5]};

static const struct pb_service contract = {
    .full_name = "test.Notes",
    .short_name = "notes",
    .methods = methods,
    .n_methods = NOTE_METHODS,
};

/* --- the queries --- */

static const char *const params[] = {"id", "text", "number"};

#define QUERY(title, statements_, n)                                                               \
    {                                                                                              \
        .name = title, .params = params, .n_params = 3, .statements = statements_,                 \
        .n_statements = n                                                                          \
    }

static const struct db_statement put_statements[] = {
    {"put_0",
     "INSERT INTO note (id, text, number) "
     "SELECT $1::text, $2::text, $3::int / CASE WHEN $2::text = 'poison' THEN 0 ELSE 1 END "
     "FROM (SELECT pg_sleep(CASE WHEN $2::text = 'sleep' THEN $3::int / 1000.0 ELSE 0 END)) AS s "
     "WHERE $2::text <> 'absent' RETURNING id, text, number",
     (const uint8_t[]){0, 1, 2}, 3},
};
static const struct db_query put_query = QUERY("put", put_statements, 1);

static const struct db_statement get_statements[] = {
    {"get_0",
     "SELECT id, text, number FROM note, "
     "LATERAL pg_sleep(CASE WHEN note.text = 'slow' THEN note.number / 1000.0 ELSE 0 END) "
     "WHERE id = $1::text AND 1 / CASE WHEN $2::text = 'poison' THEN 0 ELSE 1 END = 1 LIMIT 1",
     (const uint8_t[]){0, 1}, 2},
};
static const struct db_query get_query = QUERY("get", get_statements, 1);

static const struct db_statement swap_statements[] = {
    {"swap_0", "UPDATE counter SET number = number + 1 WHERE id = $1::text", (const uint8_t[]){0},
     1},
    {"swap_1", "UPDATE counter SET number = number + 1 WHERE id = $1::text", (const uint8_t[]){1},
     1},
};
static const struct db_query swap_query = QUERY("swap", swap_statements, 2);

static const char *const maybe_params[] = {"id", "go"};
static const struct db_statement maybe_statements[] = {
    {"maybe_0", "SELECT count(*) AS n FROM note WHERE id = $1::text", (const uint8_t[]){0}, 1},
};
static const struct db_query maybe_query = {.name = "maybe",
                                            .params = maybe_params,
                                            .n_params = 1,
                                            .statements = maybe_statements,
                                            .n_statements = 1};

static const char *const steps_then_params[] = {"id", "text", "number", "carried"};
static const struct db_statement steps_then_statements[] = {
    {"steps_then_0",
     "INSERT INTO note (id, text, number) "
     "SELECT $1::text, $2::text, $4::int + $3::int / CASE WHEN $2::text = 'poison' THEN 0 ELSE 1 "
     "END FROM (SELECT pg_sleep(CASE WHEN $2::text = 'sleep' THEN $3::int / 1000.0 ELSE 0 END)) "
     "AS s RETURNING id, text, number",
     (const uint8_t[]){0, 1, 2, 3}, 4},
};
static const struct db_query steps_then_query = {.name = "steps_then",
                                                 .params = steps_then_params,
                                                 .n_params = 4,
                                                 .statements = steps_then_statements,
                                                 .n_statements = 1};
static const struct db_statement steps_statements[] = {
    {"steps_0",
     "INSERT INTO note (id, text, number) VALUES ($1::text, 'first', $2::int) "
     "RETURNING id, text, number",
     (const uint8_t[]){0, 2}, 2},
};
static const struct db_query steps_query = {.name = "steps",
                                            .params = params,
                                            .n_params = 3,
                                            .statements = steps_statements,
                                            .n_statements = 1,
                                            .then = &steps_then_query};

static const char *const tick_params[] = {"text", "caller_role", "caller_name", "number"};
static const struct db_statement tick_statements[] = {
    {"tick_0",
     "INSERT INTO note (id, text, number) "
     "SELECT 'tick', concat_ws(' ', $2::text, $3::text, $1::text), "
     "$4::int / CASE WHEN $1::text = 'poison' THEN 0 ELSE 1 END RETURNING id, text, number",
     (const uint8_t[]){0, 1, 2, 3}, 4},
};
static const struct db_query tick_query = {.name = "tick",
                                           .params = tick_params,
                                           .n_params = 4,
                                           .statements = tick_statements,
                                           .n_statements = 1};

/* --- the handlers --- */

static enum status
put_ask(struct call *call, const ProtobufCMessage *request, struct db_params *params_)
{
    const struct note *note = (const struct note *)request;

    if (strcmp(note->text, "refuse") == 0) {
        return call_fail(call, &reason_out_of_range, "Refused.");
    }
    db_lock(params_, "note", note->id);
    return STATUS_OK;
}

static enum status
read_answer(struct call *call, const ProtobufCMessage *request, const struct db_rows *rows,
            ProtobufCMessage *reply)
{
    (void)request;
    if (db_row_count(rows, 0) == 0) {
        return call_fail(call, &reason_resource_not_found, "There is no such note.");
    }
    return db_read(call, rows, 0, 0, &note_schema, reply);
}

static enum status
swap_ask(struct call *call, const ProtobufCMessage *request, struct db_params *params_)
{
    const struct note *note = (const struct note *)request;

    (void)call;
    db_lock(params_, "counter", note->id);
    db_lock(params_, "counter", note->text);
    return STATUS_OK;
}

static enum status
swap_answer(struct call *call, const ProtobufCMessage *request, const struct db_rows *rows,
            ProtobufCMessage *reply)
{
    (void)call;
    (void)request;
    (void)rows;
    (void)reply;
    return STATUS_OK;
}

static enum status
maybe_answer(struct call *call, const ProtobufCMessage *request, const struct db_rows *rows,
             ProtobufCMessage *reply)
{
    (void)request;
    if (note_again > 0) {
        note_again--;
        return service_again(call);
    }
    ((struct note *)reply)->number = (int32_t)db_int(rows, 0, 0, "n");
    return STATUS_OK;
}

static enum status
steps_answer(struct call *call, const ProtobufCMessage *request, const struct db_rows *rows,
             ProtobufCMessage *reply)
{
    const struct note *note = (const struct note *)request;
    int32_t *number = arena_alloc(call->arena, sizeof(*number));

    if (note_first_again > 0) {
        note_first_again--;
        return service_again(call);
    }
    if (strcmp(note->text, "early") == 0) {
        return call_fail(call, &reason_resource_not_found, "There is no such note.");
    }
    if (strcmp(note->text, "once") == 0) {
        return db_read(call, rows, 0, 0, &note_schema, reply);
    }
    if (note_between != NULL) {
        note_between(call);
    }
    if (number != NULL) {
        *number = (int32_t)db_int(rows, 0, 0, "number") + 1000;
    }
    call->carried = number;
    return service_then(call);
}

static enum status
steps_then_ask(struct call *call, const ProtobufCMessage *request, struct db_params *params_)
{
    const struct note *note = (const struct note *)request;

    if (strcmp(note->text, "refuse") == 0) {
        return call_fail(call, &reason_out_of_range, "Refused.");
    }
    db_set_int(params_, "carried", *(const int32_t *)call->carried);
    return STATUS_OK;
}

static enum status
steps_then_answer(struct call *call, const ProtobufCMessage *request, const struct db_rows *rows,
                  ProtobufCMessage *reply)
{
    const struct note *note = (const struct note *)request;

    if (note_second_again > 0) {
        note_second_again--;
        return service_again(call);
    }
    if (strcmp(note->text, "absent") == 0) {
        return call_fail(call, &reason_resource_not_found, "There is no such note.");
    }
    return db_read(call, rows, 0, 0, &note_schema, reply);
}

static enum status
tick_ask(struct call *call, const ProtobufCMessage *request, struct db_params *params_)
{
    (void)request;
    (void)params_;
    if (note_tick_fails > 0) {
        note_tick_fails--;
        return call_fail(call, &reason_resource_not_found, "Told to fail.");
    }
    return STATUS_OK;
}

#define HANDLER(number, query_, ask_, answer_)                                                     \
    {                                                                                              \
        .method = &note_methods[number], .query = query_, .ask = ask_, .answer = answer_           \
    }

static const struct service_handler handlers[] = {
    HANDLER(NOTE_PUT, &put_query, put_ask, read_answer),
    HANDLER(NOTE_GET, &get_query, NULL, read_answer),
    HANDLER(NOTE_SWAP, &swap_query, swap_ask, swap_answer),
    HANDLER(NOTE_MAYBE, &maybe_query, NULL, maybe_answer),
    {&note_methods[NOTE_STEPS], &steps_query, NULL, steps_answer, steps_then_ask,
     steps_then_answer},
    HANDLER(NOTE_TICK, &tick_query, tick_ask, read_answer),
};

static const struct pb_service *const services[] = {&contract, NULL};

const struct service note_service = {
    .name = "notes",
    .services = services,
    .handlers = handlers,
    .n_handlers = NOTE_METHODS,
};
