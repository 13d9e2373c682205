/* Rows that the tables of cases share, with ids that are easy to read, and who asks. */
#ifndef DEPOT_TESTS_ACCOUNTS_SEED_H
#define DEPOT_TESTS_ACCOUNTS_SEED_H

#include "base/call.h"
#include "pb/schema.h"

#define ADA  "01900000-0000-7000-8000-00000000000a" /* a member */
#define MIA  "01900000-0000-7000-8000-00000000000b" /* a manager */
#define EVE  "01900000-0000-7000-8000-00000000000c" /* an administrator */
#define ROOT "01900000-0000-7000-8000-00000000000d" /* another one */
#define NONE "01900000-0000-7000-8000-0000000000ff"

#define SESSION   "01900000-0000-7000-8000-000000000001"
#define SESSION_2 "01900000-0000-7000-8000-000000000002"
#define SESSION_3 "01900000-0000-7000-8000-000000000003"
#define KEY       "01900000-0000-7000-8000-000000000011"
#define KEY_2     "01900000-0000-7000-8000-000000000012"

/* Of everybody. */
#define PASSWORD "correct horse battery"
#define PASSWORD_HASH                                                                              \
    "$argon2id$v=19$m=19456,t=2,p=1$f2Uy7/Sa5dVqTm5pwEFqiw$"                                       \
    "aNY0BOEHNWmLyIoTM65Puhr4r70NIGGOyh0Gbc2UalA"

/* An account with the address NAME@example.org. */
#define SEED_USER(id, username, role)                                                              \
    "INSERT INTO account (id, username, email, name, password_hash, role) VALUES ('" id            \
    "', '" username "', '" username "@example.org', '', '" PASSWORD_HASH "', '" role "');"

#define SEED_ADA  SEED_USER(ADA, "ada", "MEMBER")
#define SEED_MIA  SEED_USER(MIA, "mia", "MANAGER")
#define SEED_EVE  SEED_USER(EVE, "eve", "ADMIN")
#define SEED_ROOT SEED_USER(ROOT, "root", "ADMIN")

/* A session of an account that goes on. */
#define SEED_SESSION(id, account_id)                                                               \
    "INSERT INTO session (id, account_id, token_hash, expire_time, client_address) VALUES ('" id   \
    "', '" account_id "', sha256('" id "'), now() + interval '1 day', '192.0.2.1');"

/* An API key whose text is its id. */
#define SEED_KEY(id, account_id, name)                                                             \
    "INSERT INTO api_key (id, account_id, name, role, scopes, key_hash, prefix, expire_time) "     \
    "VALUES ('" id "', '" account_id "', '" name "', 'MEMBER', '{inventory.read}', sha256('" id    \
    "'), 'dpk_abcd', now() + interval '1 day');"

#define JSON_USER(id, username, role)                                                              \
    "{\"id\":\"" id "\",\"username\":\"" username "\",\"email\":\"" username                       \
    "@example.org\",\"name\":\"\",\"role\":\"" role "\",\"active\":true,\"createTime\":\"<time>\"" \
    ",\"updateTime\":\"<time>\"}"

/* A problem without violations. */
#define JSON_PROBLEM(code, reason) "{\"code\":\"" code "\",\"reason\":\"" reason "\"}"

#define JSON_NOT_FOUND JSON_PROBLEM("NOT_FOUND", "RESOURCE_NOT_FOUND")
#define JSON_REFUSED   JSON_PROBLEM("PERMISSION_DENIED", "NOT_ALLOWED")

/* A problem with one violation; `place` is "pointer":"/name" or "parameter":"pageSize", escaped. */
#define JSON_INVALID(reason, place)                                                                \
    "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"" reason "\",\"errors\":[{" place                 \
    ",\"reason\":\"" reason "\"}]}"

#define POINTER(text)   "\"pointer\":\"" text "\""
#define PARAMETER(text) "\"parameter\":\"" text "\""

/* Who asks, logged in with SESSION. */
static const struct caller as_ada __attribute__((unused)) = {
    .id = ADA, .name = "ada", .session = SESSION, .role = PB_ROLE_MEMBER};
static const struct caller as_mia __attribute__((unused)) = {
    .id = MIA, .name = "mia", .session = SESSION, .role = PB_ROLE_MANAGER};
static const struct caller as_eve
    __attribute__((unused)) = {.id = EVE, .name = "eve", .session = SESSION, .role = PB_ROLE_ADMIN};
static const struct caller as_nobody __attribute__((unused)) = {.role = PB_ROLE_ANONYMOUS};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
