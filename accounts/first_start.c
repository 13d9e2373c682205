#include "accounts/first_start.h"

#include <sodium.h>
#include <stdio.h>

#include "accounts/accounts.h"
#include "accounts/settings.h"
#include "base/limits.h"
#include "service/main.h"

static const char username[] = "admin";

enum { PASSWORD_RANDOM_BYTES = 18, PASSWORD_TEXT_BYTES = 25 };

/* Sessions go on if it has been the password before: a restart logs nobody out. */
static enum status
ensure_admin(const char *password, struct arena *arena, struct error *error)
{
    Depot__Accounts__V1__EnsureAdminRequest request =
        DEPOT__ACCOUNTS__V1__ENSURE_ADMIN_REQUEST__INIT;
    const ProtobufCMessage *reply;
    struct error why;
    enum status status;

    request.username = (char *)username;
    request.password = (char *)password;
    request.gently = true;
    status = service_call(&depot__accounts__v1__accounts_service__ensure_admin__method,
                          &request.base, arena, &reply, &why);
    return status == STATUS_OK ? status : error_set(error, status, "ADMIN_PASSWORD: %s", why.text);
}

static enum status
find_anybody(struct arena *arena, bool *anybody, struct error *error)
{
    Depot__Accounts__V1__ListUsersRequest request = DEPOT__ACCOUNTS__V1__LIST_USERS_REQUEST__INIT;
    const ProtobufCMessage *reply;
    enum status status;

    request.page_size = 1;
    status = service_call(&depot__accounts__v1__accounts_service__list_users__method, &request.base,
                          arena, &reply, error);
    if (status == STATUS_OK) {
        *anybody = ((const Depot__Accounts__V1__ListUsersResponse *)reply)->n_users != 0;
    }
    return status;
}

/* Not into the log, which is kept and sent elsewhere. */
static void
show(const char *password)
{
    fprintf(stderr,
            "There was no account. The user \"%s\" was made, with the password %s\n"
            "It is shown here once and kept nowhere.\n",
            username, password);
    fflush(stderr);
}

/* Another replica may be the first to make it: then it is that one's password that is shown. */
static enum status
make_admin(struct arena *arena, struct error *error)
{
    Depot__Accounts__V1__CreateUserRequest request = DEPOT__ACCOUNTS__V1__CREATE_USER_REQUEST__INIT;
    Depot__Accounts__V1__User user = DEPOT__ACCOUNTS__V1__USER__INIT;
    unsigned char random[PASSWORD_RANDOM_BYTES];
    char password[PASSWORD_TEXT_BYTES];
    const ProtobufCMessage *reply;
    enum status status;

    randombytes_buf(random, sizeof(random));
    sodium_bin2base64(password, sizeof(password), random, sizeof(random),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    user.username = (char *)username;
    user.email = "admin@localhost";
    user.password = password;
    user.role = DEPOT__ACCOUNTS__V1__USER_ROLE__ADMIN;
    request.user = &user;
    status = service_call(&depot__accounts__v1__accounts_service__create_user__method,
                          &request.base, arena, &reply, error);
    if (status == STATUS_OK) {
        show(password);
    }
    sodium_memzero(password, sizeof(password));
    return status == STATUS_ALREADY_EXISTS ? STATUS_OK : status;
}

enum status
first_start(struct error *error)
{
    const char *password = accounts_settings()->admin_password;
    bool anybody = true;
    struct arena arena;
    enum status status;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    if (password != NULL) {
        status = ensure_admin(password, &arena, error);
    } else {
        status = find_anybody(&arena, &anybody, error);
        if (status == STATUS_OK && !anybody) {
            status = make_admin(&arena, error);
        }
    }
    arena_fini(&arena);
    return status;
}
