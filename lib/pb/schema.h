/*
 * What a contract says, as tables. The build tool writes one constant for each message, method,
 * service and reason of every .proto file (`<file>.schema.h`), named after protobuf-c's names:
 *
 *     depot__inventory__v1__resource__schema                         struct pb_message
 *     depot__inventory__v1__inventory_service__get_resource__method  struct pb_method
 *     depot__inventory__v1__inventory_service__service               struct pb_service
 *     reason_allocation_overlap                                      struct reason
 *
 * protobuf-c's own descriptors carry neither options nor JSON names nor comments; these do. All of
 * it is constant and lives for ever.
 */
#ifndef DEPOT_PB_SCHEMA_H
#define DEPOT_PB_SCHEMA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Messages whose JSON is not an object of their fields. */
enum pb_known {
    PB_ORDINARY,
    PB_TIMESTAMP,
    PB_DURATION,
    PB_FIELD_MASK,
    PB_EMPTY,
    PB_WRAPPER, /* google.protobuf.StringValue and its kind: the JSON is that of `value` */
};

enum pb_format { PB_FORMAT_NONE, PB_FORMAT_UUID };

/* What the contract asks of a value. Zero: nothing. */
struct pb_rule {
    bool required, output_only, input_only, has_range;
    bool etag;                 /* a version: over HTTP the ETag, not a member of the JSON */
    bool if_match;             /* takes If-Match; no member and no query parameter */
    bool link;                 /* a path that clients see as an absolute URL */
    bool nullable;             /* an unset message is null, not left out */
    bool filterable, sortable; /* may stand in filter, orderBy */
    enum pb_format format;
    uint32_t min_length, max_length;
    uint32_t max_items, max_key_length, max_value_length;
    int64_t range_min, range_max;
    const char *pattern;         /* NULL: none */
    const char *const *in;       /* NULL: any; ends with NULL */
    const struct reason *reason; /* NULL: the usual one */
};

struct pb_enum {
    const char *full_name;
    const ProtobufCEnumDescriptor *descriptor;
};

struct pb_message;

struct pb_field {
    const char *name;                           /* start_time */
    const char *json_name;                      /* startTime */
    const ProtobufCFieldDescriptor *descriptor; /* number, type, label, offsets, oneof flag */
    const struct pb_message *message;           /* of a message field (also a map's entry) */
    const struct pb_enum *enumeration;          /* of an enum field */
    bool is_map; /* repeated entries; `message` has the fields key (0) and value (1) */
    struct pb_rule rule;
};

/* A start and an end that belong together; all are indexes into `fields`, or -1. */
struct pb_period {
    int16_t start, end, unbounded;
};

/* A thing to change and which of its fields (see update.h); both are indexes into `fields`. */
struct pb_update {
    int16_t target; /* the field that holds the thing, an ordinary message */
    int16_t mask;   /* `update_mask` */
};

struct pb_message {
    const char *full_name; /* depot.inventory.v1.Resource */
    const ProtobufCMessageDescriptor *descriptor;
    enum pb_known known;
    const struct pb_field *fields; /* in the order of descriptor->fields: ascending numbers */
    size_t n_fields;
    const struct pb_period *period; /* NULL: none */
    const struct pb_update *update; /* NULL: not a request to change something */
    int16_t etag, if_match;         /* the fields with these rules, or -1 */
};

enum pb_class { PB_CLASS_POINT, PB_CLASS_LIST, PB_CLASS_WRITE, PB_CLASS_LONG, PB_CLASSES };

/* Each may do what those before it may. OPERATOR is nobody who comes over a network. */
enum pb_role {
    PB_ROLE_ANONYMOUS,
    PB_ROLE_MEMBER,
    PB_ROLE_MANAGER,
    PB_ROLE_ADMIN,
    PB_ROLE_OPERATOR
};

struct pb_service;

struct pb_method {
    const char *path; /* /depot.inventory.v1.InventoryService/GetResource */
    const char *name; /* GetResource */
    const char *text; /* the comment in the contract */
    const struct pb_service *service;
    unsigned index; /* in service->methods, and in protobuf-c's service descriptor */
    const struct pb_message *request, *reply;
    enum pb_class class;
    enum pb_role access;
    enum pb_role others;  /* the least role that reaches what is somebody else's */
    bool public_read;     /* ANONYMOUS may call it with PUBLIC_READ=on */
    bool session_only;    /* for who logged in, not for API keys */
    uint32_t every_ms;    /* the service calls it by itself that often; 0: never */
    bool no_side_effects; /* idempotency_level NO_SIDE_EFFECTS */
    bool idempotent;      /* that, or IDEMPOTENT: may be sent again when its outcome is unknown */
    bool idempotency_key; /* a key is honoured */
    bool validate_only;   /* it can be tried only: it changes something and takes a key */
    int16_t affinity;     /* index into request->fields, or -1 */
    uint32_t cost;        /* what a call takes from its client's share of requests, at least 1 */
    uint32_t max_body_bytes; /* of an HTTP body; 0: the general limit */
    const int16_t *scope;    /* the request's fields that are path variables, ends with -1 */
    const struct reason *const *reasons; /* beside the general ones, ends with NULL */
};

struct pb_service {
    const char *full_name;  /* depot.inventory.v1.InventoryService */
    const char *short_name; /* inventory: the package's part before the version */
    const ProtobufCServiceDescriptor *descriptor;
    const struct pb_method *const *methods;
    size_t n_methods;
};

/* The field with this name or JSON name (`bytes` long), or NULL. */
const struct pb_field *pb_field_find(const struct pb_message *schema, const char *name,
                                     size_t bytes);

/* The field with exactly this proto name, or NULL: for columns and parameters. */
const struct pb_field *pb_field_named(const struct pb_message *schema, const char *name,
                                      size_t bytes);

/* The method with this path in a NULL-terminated list of services, or NULL. */
const struct pb_method *pb_method_find(const struct pb_service *const *services, const char *path);

/* Where a field's value stands in a message: a pointer to its C member. */
void *pb_member(const struct pb_field *field, ProtobufCMessage *message);
const void *pb_member_const(const struct pb_field *field, const ProtobufCMessage *message);

/* An empty message of the schema in the arena, or NULL when the arena's cap is reached. */
struct arena;
ProtobufCMessage *pb_new(struct arena *arena, const struct pb_message *schema);

#endif
