#include "desk.h"
#include "support/rpc_case.h"

#define REGISTER(username, email)                                                                  \
    "{\"username\":\"" username "\",\"email\":\"" email "\",\"password\":\"" PASSWORD "\"}"
#define WITH_PASSWORD(password)                                                                    \
    "{\"username\":\"bob.builder\",\"email\":\"bob.junior@example.org\",\"password\":\"" password  \
    "\"}"

static const struct rpc_case cases[] = {
    {"made", NULL, "POST", "/v1/auth/register",
     "{\"username\":\"Bob\",\"email\":\"Bob@Example.org\",\"password\":\"" PASSWORD
     "\",\"name\":\"Bob\"}",
     201,
     "{\"id\":\"<uuid>\",\"username\":\"Bob\",\"email\":\"Bob@Example.org\",\"name\":\"Bob\","
     "\"role\":\"MEMBER\",\"active\":true,\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
     "SELECT role || active || generation || (password_hash LIKE '$argon2id$v=19$m=19456,t=2,%') "
     "FROM account",
     "MEMBERtrue1true"},
    {"it is recorded", NULL, "POST", "/v1/auth/register", REGISTER("bob", "bob@example.org"), 201,
     JSON_USER("<uuid>", "bob", "MEMBER"),
     "SELECT actor || '/' || action || '/' || outcome || '/' || request_id || (object = (SELECT "
     "id::text FROM account)) FROM depot_audit",
     "/RegisterUser/OK/testtrue"},
    {"the user name is taken", SEED_ADA, "POST", "/v1/auth/register",
     REGISTER("ada", "other@example.org"), 409, JSON_PROBLEM("ALREADY_EXISTS", "USERNAME_TAKEN"),
     "SELECT count(*) || '/' || (SELECT count(*) FROM depot_audit) FROM account", "1/0"},
    {"the user name is taken in other letters", SEED_ADA, "POST", "/v1/auth/register",
     REGISTER("ADA", "other@example.org"), 409, JSON_PROBLEM("ALREADY_EXISTS", "USERNAME_TAKEN"),
     "SELECT count(*) FROM account", "1"},
    {"the address is taken in other letters", SEED_ADA, "POST", "/v1/auth/register",
     REGISTER("other", "Ada@EXAMPLE.org"), 409, JSON_PROBLEM("ALREADY_EXISTS", "EMAIL_TAKEN"),
     "SELECT count(*) FROM account", "1"},
    {"an address with letters beyond ASCII is taken in others",
     "INSERT INTO account (id, username, email, name, password_hash, role) VALUES ('" ADA
     "', 'ada', 'ädä@example.org', '', '', 'MEMBER')",
     "POST", "/v1/auth/register", REGISTER("other", "ÄDä@example.org"), 409,
     JSON_PROBLEM("ALREADY_EXISTS", "EMAIL_TAKEN"), "SELECT count(*) FROM account", "1"},
    {"a password of ten characters beyond ASCII", NULL, "POST", "/v1/auth/register",
     WITH_PASSWORD("äöüßéàñçøå"), 201, "\"<any>\"", "SELECT count(*) FROM account", "1"},
    {"a password of nine characters", NULL, "POST", "/v1/auth/register", WITH_PASSWORD("äöüßéàñçø"),
     400, JSON_INVALID("TOO_SHORT", POINTER("/password")), "SELECT count(*) FROM account", "0"},
    {"a common password", NULL, "POST", "/v1/auth/register", WITH_PASSWORD("Password123!"), 400,
     JSON_INVALID("PASSWORD_TOO_COMMON", POINTER("/password")), "SELECT count(*) FROM account",
     "0"},
    {"the user name as the password", NULL, "POST", "/v1/auth/register",
     WITH_PASSWORD("BOB.Builder1"), 400, JSON_INVALID("PASSWORD_TOO_COMMON", POINTER("/password")),
     "SELECT count(*) FROM account", "0"},
    {"the address as the password", NULL, "POST", "/v1/auth/register", WITH_PASSWORD("bob.junior"),
     400, JSON_INVALID("PASSWORD_TOO_COMMON", POINTER("/password")), "SELECT count(*) FROM account",
     "0"},
    {"an address with spaces around it", NULL, "POST", "/v1/auth/register",
     REGISTER("bob", " bob@example.org"), 400, JSON_INVALID("BAD_FORMAT", POINTER("/email")),
     "SELECT count(*) FROM account", "0"},
    {"nothing at all", NULL, "POST", "/v1/auth/register", "{}", 400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"REQUIRED\",\"errors\":["
     "{\"pointer\":\"/username\",\"reason\":\"REQUIRED\"},"
     "{\"pointer\":\"/email\",\"reason\":\"REQUIRED\"},"
     "{\"pointer\":\"/password\",\"reason\":\"REQUIRED\"}]}",
     NULL, NULL},
    {"nobody gives himself a role", NULL, "POST", "/v1/auth/register",
     "{\"username\":\"bob\",\"email\":\"bob@example.org\",\"password\":\"" PASSWORD
     "\",\"role\":\"ADMIN\"}",
     400, JSON_INVALID("UNKNOWN_FIELD", POINTER("/role")), "SELECT count(*) FROM account", "0"},
    {"tried", NULL, "POST", "/v1/auth/register?validateOnly=true",
     REGISTER("bob", "bob@example.org"), 201, JSON_USER("<uuid>", "bob", "MEMBER"),
     "SELECT count(*) FROM account", "0"},
};

Test(register_user, cases)
{
    rpc_cases_run_as(&accounts_service, &as_nobody, cases, N_OF(cases));
}

static const struct rpc_case closed[] = {
    {"closed", NULL, "POST", "/v1/auth/register", REGISTER("bob", "bob@example.org"), 403,
     JSON_PROBLEM("PERMISSION_DENIED", "REGISTRATION_CLOSED"), "SELECT count(*) FROM account", "0"},
};

static void
close_registration(void)
{
    setenv("REGISTRATION", "off", 1);
}

Test(register_user, closed, .init = close_registration)
{
    rpc_cases_run_as(&accounts_service, &as_nobody, closed, N_OF(closed));
}

/* An account for somebody new, from one address of an IPv6 network after another. */
static struct asked
register_next(struct desk *desk, const char *network)
{
    static unsigned n;
    char username[16], email[32], address[64];
    Depot__Accounts__V1__RegisterUserRequest request =
        DEPOT__ACCOUNTS__V1__REGISTER_USER_REQUEST__INIT;

    snprintf(username, sizeof(username), "user%u", ++n);
    snprintf(email, sizeof(email), "user%u@example.org", n);
    snprintf(address, sizeof(address), "%s::%x", network, n);
    request.username = username;
    request.email = email;
    request.password = PASSWORD;
    desk->address = address;
    return desk_ask(desk, &as_nobody, &depot__accounts__v1__accounts_service__register_user__method,
                    &request.base);
}

/* Twenty at once, or one in three minutes. */
Test(register_user, a_network_waits_after_many)
{
    struct desk desk = {0};
    struct asked asked;

    desk_open(&desk);
    for (int i = 0; i < 20; i++) {
        cr_assert_null(register_next(&desk, "2001:db8:0:1").reason);
    }
    asked = register_next(&desk, "2001:db8:0:1");
    expect_reason(&asked, &reason_rate_limited);
    cr_expect(asked.call.problem.retry_after_ms > 170 * 1000 &&
              asked.call.problem.retry_after_ms <= 180 * 1000);
    cr_assert_null(register_next(&desk, "2001:db8:0:2").reason);
    desk_run(&desk, "UPDATE login_failure SET last_time = last_time - interval '150 seconds'");
    asked = register_next(&desk, "2001:db8:0:1");
    expect_reason(&asked, &reason_rate_limited);
    cr_expect_leq(asked.call.problem.retry_after_ms, 30 * 1000);
    desk_run(&desk, "UPDATE login_failure SET last_time = last_time - interval '30 seconds'");
    cr_assert_null(register_next(&desk, "2001:db8:0:1").reason);
    asked = register_next(&desk, "2001:db8:0:1");
    expect_reason(&asked, &reason_rate_limited);
    desk_expect(&desk, "SELECT count(*) FROM account WHERE username LIKE 'user%'", "22");
    desk_close(&desk);
}
