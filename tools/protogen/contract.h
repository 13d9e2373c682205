/*
 * The contract as the build tool sees it: everything that the .proto files of a descriptor set
 * say, with references resolved, options unpacked, and the place and comment of each element.
 *
 * Built once by contract_load; constant from then on. All memory belongs to the contract's arena.
 */
#ifndef DEPOT_PROTOGEN_CONTRACT_H
#define DEPOT_PROTOGEN_CONTRACT_H

#include <depot/rpc/v1/rules.pb-c.h>
#include <google/api/http.pb-c.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Where something stands: line and column count from 1; 0 if the source is not known. */
struct place {
    const char *file;
    int line, column;
};

struct def_file;
struct def_message;
struct def_method;

/* A reason for failure: an enum value that carries the `reason` option. */
struct def_reason {
    const char *name;     /* NAME_TAKEN */
    const char *constant; /* reason_name_taken */
    const char *title;
    const char *comment; /* NULL: none */
    uint32_t code, http;
    const struct def_file *file;
    struct place place;
};

struct def_value {
    const char *name;
    int number;
    const char *comment; /* NULL: none */
    struct place place;
};

struct def_enum {
    const char *full_name; /* depot.inventory.v1.Allocation.Kind */
    const char *symbol;    /* depot__inventory__v1__allocation__kind */
    const char *comment;   /* NULL: none */
    const struct def_file *file;
    struct place place;
    const struct def_value *values;
    size_t n_values;
    bool shown; /* a client of HTTP can see it */
};

struct def_field {
    const char *name;      /* start_time */
    const char *json_name; /* startTime */
    const char *comment;   /* NULL: none */
    int number;
    Google__Protobuf__FieldDescriptorProto__Type type;
    bool repeated, map, optional; /* `map` has `repeated` too; `optional` is proto3's keyword */
    const char *oneof;            /* NULL: member of none */
    const struct def_message *message;
    const struct def_enum *enumeration;
    const Depot__Rpc__V1__FieldRule *rule; /* never NULL */
    const char *type_name;                 /* as the descriptor has it; of messages and enums */
    struct place place;
    struct place rule_place;
};

/* Messages whose JSON is not an object of their fields; the names are those of enum pb_known. */
enum def_known {
    KNOWN_ORDINARY,
    KNOWN_TIMESTAMP,
    KNOWN_DURATION,
    KNOWN_FIELD_MASK,
    KNOWN_EMPTY,
    KNOWN_WRAPPER
};

struct def_message {
    const char *full_name; /* depot.inventory.v1.Resource */
    const char *name;      /* Resource; Allocation.Kind's kind of name when nested */
    const char *symbol;    /* depot__inventory__v1__resource */
    const char *c_type;    /* Depot__Inventory__V1__Resource */
    const char *comment;   /* NULL: none */
    const struct def_file *file;
    struct place place;
    struct place rule_place;
    enum def_known known;
    bool map_entry;
    bool shown;                     /* a client of HTTP can see it */
    const struct def_field *fields; /* ascending numbers, as protobuf-c orders them */
    size_t n_fields;
    const Depot__Rpc__V1__MessageRule *rule; /* never NULL */
};

struct def_segment {
    const char *text; /* a literal, or a variable's name */
    bool variable;
    int field; /* a variable's index in the request's fields, or -1: there is none */
};

enum { BODY_NONE = -1, BODY_WHOLE = -2, BODY_UNKNOWN = -3 };

/* One HTTP binding of a method. */
struct def_route {
    const char *verb;    /* GET; NULL: the annotation has none */
    const char *pattern; /* /v1/{type} */
    const char *body;    /* as in the annotation */
    const char *fault;   /* what is wrong with the pattern; NULL: nothing */
    struct def_segment *segments;
    size_t n_segments;
    int body_field; /* index in the request's fields, or BODY_* */
    const struct def_method *method;
    struct place place;
};

/* A piece of a Location: text, or a field of the reply. */
struct def_piece {
    const char *text;
    bool variable;
    int field; /* index in the reply's fields, or -1: there is none */
};

struct def_service;

struct def_method {
    const char *name;    /* GetResource */
    const char *snake;   /* get_resource */
    const char *symbol;  /* depot__inventory__v1__inventory_service__get_resource */
    const char *path;    /* /depot.inventory.v1.InventoryService/GetResource */
    const char *comment; /* NULL: none */
    const struct def_service *service;
    struct place place;
    struct place rule_place;
    const struct def_message *request, *reply;
    bool streaming;
    bool no_side_effects, idempotent;
    bool validate_only;                     /* can be tried only */
    const Depot__Rpc__V1__MethodRule *rule; /* NULL: none */
    const struct def_route *routes;
    size_t n_routes;
    struct def_piece *location;
    size_t n_location;
    int affinity; /* index in the request's fields, or -1 */
};

struct def_service {
    const char *full_name;  /* depot.inventory.v1.InventoryService */
    const char *name;       /* InventoryService */
    const char *short_name; /* inventory */
    const char *symbol;     /* depot__inventory__v1__inventory_service */
    const char *comment;    /* NULL: none */
    const struct def_file *file;
    struct place place;
    const struct def_method *methods;
    size_t n_methods;
};

struct def_file {
    const char *name; /* depot/inventory/v1/inventory.proto */
    const char *stem; /* depot/inventory/v1/inventory */
    const char *package;
    struct place package_place, syntax_place;
    const char *short_name; /* inventory: the package's part before the version */
    bool foreign;           /* of another standard (google.*): our house rules do not apply */
    bool no_generate;       /* protobuf-c makes no C of it */
    bool proto3;
    const char *const *imports;
    size_t n_imports;
    struct def_message *messages; /* nested ones and map entries too */
    size_t n_messages;
    struct def_enum *enums;
    size_t n_enums;
    struct def_service *services;
    size_t n_services;
    struct def_reason *reasons;
    size_t n_reasons;
};

struct contract {
    struct arena arena;
    struct def_file *files; /* imports first, as protoc orders them */
    size_t n_files;
    const Google__Protobuf__FileDescriptorSet *set; /* what it was read from */
};

/*
 * Reads a FileDescriptorSet made with --include_imports --include_source_info. False with a line
 * on standard error if the file cannot be read or is none. What is wrong with the contract itself
 * is for contract_check to say.
 */
bool contract_load(struct contract *self, const char *path);
void contract_free(struct contract *self);

/* By name, NULL if there is none. Reasons are looked for in all files. */
const struct def_file *contract_file(const struct contract *self, const char *name);
const struct def_reason *contract_reason(const struct contract *self, const char *name);

/* Whether tables are made of the file: not of those that only carry or describe options. */
bool file_has_tables(const struct def_file *file);

/* The index of the field with this name, or -1. */
int message_field(const struct def_message *message, const char *name);

/* Whether the field is one string, number, bool or enum value. */
bool field_is_scalar(const struct def_field *field);

/* The HTTP status of the method's success: 200, 201 or 204. */
int method_success(const struct def_method *method);

#endif
