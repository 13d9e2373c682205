/* Rows that the tables of cases share, with ids that are easy to read. */
#ifndef DEPOT_TESTS_INVENTORY_SEED_H
#define DEPOT_TESTS_INVENTORY_SEED_H

#define CAR   "01900000-0000-7000-8000-00000000000a"
#define CAR_2 "01900000-0000-7000-8000-00000000000b"
#define CAR_3 "01900000-0000-7000-8000-00000000000c"
#define TRUCK "01900000-0000-7000-8000-0000000000aa"
#define NONE  "01900000-0000-7000-8000-0000000000ff"
#define TAKEN "01900000-0000-7000-8000-000000000001"
#define LATER "01900000-0000-7000-8000-000000000002"

/* Accounts, which inventory knows by their ids only. */
#define ADA "01900000-0000-7000-8000-0000000000e1"
#define EVE "01900000-0000-7000-8000-0000000000e2"

/* One vehicle; all text but the id and the name is empty. */
#define SEED_RESOURCE(id, type, name)                                                              \
    "INSERT INTO resource (id, type, name, description, attributes) VALUES ('" id "', '" type      \
    "', '" name "', '', '{}');"

/* One booking of a vehicle for a range such as [2030-01-01,2030-01-02). */
#define SEED_ALLOCATION(id, resource_id, during)                                                   \
    "INSERT INTO allocation (id, resource_id, kind, during, description, attributes) VALUES ('" id \
    "', '" resource_id "', 'BOOKING', '" during "', '', '{}');"

#define SEED_CAR SEED_RESOURCE(CAR, "cars", "Golf")

#define JSON_RESOURCE(id, type, name)                                                              \
    "{\"id\":\"" id "\",\"type\":\"" type "\",\"name\":\"" name                                    \
    "\",\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\","                         \
    "\"updateTime\":\"<time>\"}"

#define JSON_ALLOCATION(id, resource_id, start, end)                                               \
    "{\"id\":\"" id "\",\"resourceType\":\"cars\",\"resourceId\":\"" resource_id                   \
    "\",\"kind\":\"BOOKING\",\"startTime\":\"" start "\",\"endTime\":\"" end                       \
    "\",\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\","                         \
    "\"ownerId\":\"\"}"

/* A problem without violations. */
#define JSON_PROBLEM(code, reason) "{\"code\":\"" code "\",\"reason\":\"" reason "\"}"

#define JSON_NOT_FOUND    JSON_PROBLEM("NOT_FOUND", "RESOURCE_NOT_FOUND")
#define JSON_TYPE_UNKNOWN JSON_PROBLEM("NOT_FOUND", "RESOURCE_TYPE_UNKNOWN")

/* A problem with one violation; `place` is "pointer":"/name" or "parameter":"pageSize", escaped. */
#define JSON_INVALID(reason, place)                                                                \
    "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"" reason "\",\"errors\":[{" place                 \
    ",\"reason\":\"" reason "\"}]}"

#define POINTER(text)   "\"pointer\":\"" text "\""
#define PARAMETER(text) "\"parameter\":\"" text "\""

#endif
