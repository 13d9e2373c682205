/* Claims that somebody made up, or changed, signed with the right key all the same. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static void
expect_claims(const char *claims, enum token_verdict wanted)
{
    struct text header = header_json(0);
    struct text token = forge(header.text, claims, 0);

    expect_verdict(&token, wanted, claims);
}

static void
expect_other_claims(const char *from, const char *to, enum token_verdict wanted)
{
    struct text claims = claims_json(0);

    claims = replace(&claims, from, to);
    expect_claims(claims.text, wanted);
}

static const char *const members[] = {
    "\"iss\":\"" ISSUER "\"",
    "\"aud\":\"" AUDIENCE "\"",
    "\"sub\":\"" ANNA "\"",
    "\"sid\":\"" SESSION "\"",
    "\"jti\":\"0195a3c0-7c00-7000-8000-0000000000ff\"",
    "\"preferred_username\":\"anna\"",
    "\"role\":\"member\"",
    "\"scope\":\"\"",
    "\"amr\":[\"pwd\"]",
    "\"gen\":7",
    "\"iat\":1800000000",
    "\"nbf\":1800000000",
    "\"exp\":1800000300",
};
enum { N_MEMBERS = sizeof(members) / sizeof(members[0]) };

/* All members, with the n-th replaced; "" leaves it out. */
static struct text
claims_with(size_t n, const char *other)
{
    struct text all = {.text = "{"};

    all.bytes = 1;
    for (size_t i = 0; i < N_MEMBERS; i++) {
        const char *member = i == n ? other : members[i];

        if (member[0] != '\0') {
            all.bytes +=
                (size_t)sprintf(all.text + all.bytes, "%s%s", all.bytes == 1 ? "" : ",", member);
        }
    }
    all.text[all.bytes++] = '}';
    return all;
}

Test(forgery_claims, the_claims_themselves_are_good)
{
    struct text claims = claims_with(N_MEMBERS, "");
    struct text written = claims_json(0);

    cr_assert_str_eq(claims.text, written.text);
    expect_claims(claims.text, TOKEN_GOOD);
}

Test(forgery_claims, each_claim_missing_twice_or_of_another_type)
{
    static const char *const values[] = {
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1800000000.0",
        "1.8e9",
        "{}",
        "[]",
        "[[]]",
        "\"1\"",
        "\"\"",
        "[1]",
        "[\"a\",\"b\"]",
        "[\"\"]",
        "[null]",
        "\"1800000000\"",
        "99999999999999999",
        "-1800000300",
        "[\"" AUDIENCE "\"]",
        "[\"pwd\",\"key\"]",
    };

    for (size_t i = 0; i < N_MEMBERS; i++) {
        int name = (int)(strchr(members[i] + 1, '"') + 1 - members[i]);
        struct text claims = claims_with(i, "");
        char other[256];

        expect_claims(claims.text, TOKEN_MALFORMED);
        snprintf(other, sizeof(other), "%s,%s", members[i], members[i]);
        claims = claims_with(i, other);
        expect_claims(claims.text, TOKEN_MALFORMED);
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            /* What is good, by way of exception: a generation, a time long past; a name, a scope.
             */
            bool fits = (strcmp(values[j], "0") == 0 && (i == 9 || i == 10)) ||
                        (i == 5 && values[j][0] == '"' && values[j][1] != '"') ||
                        (i == 7 && values[j][0] == '"');

            snprintf(other, sizeof(other), "%.*s:%s", name, members[i], values[j]);
            claims = claims_with(i, other);
            expect_claims(claims.text, fits ? TOKEN_GOOD : TOKEN_MALFORMED);
        }
    }
}

/* A list that goes on, where nothing comes behind it that could be missed. */
Test(forgery_claims, two_methods_at_the_end)
{
    struct text claims = claims_json(0);

    claims = replace(&claims, "\"amr\":[\"pwd\"],", "");
    claims = replace(&claims, "}", ",\"amr\":[\"pwd\"]}");
    expect_claims(claims.text, TOKEN_GOOD);
    claims = replace(&claims, "[\"pwd\"]", "[\"pwd\",\"key\"]");
    expect_claims(claims.text, TOKEN_MALFORMED);
}

Test(forgery_claims, claims_that_nobody_asked_for)
{
    expect_other_claims("}", ",\"admin\":true}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"cnf\":{}}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"preferredUsername\":\"root\"}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"Role\":\"admin\"}", TOKEN_MALFORMED);
    expect_other_claims("}", ",\"r\\u006fle\":\"admin\"}", TOKEN_MALFORMED);
    expect_other_claims("\"role\"", "\"r\\u006fle\"", TOKEN_GOOD);
}

Test(forgery_claims, other_issuers_and_audiences)
{
    expect_other_claims(ISSUER, "https://depot.example/", TOKEN_MALFORMED);
    expect_other_claims(ISSUER, "https://depot.exampl", TOKEN_MALFORMED);
    expect_other_claims(ISSUER, "https://evil.example", TOKEN_MALFORMED);
    expect_other_claims(ISSUER, "HTTPS://depot.example", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":\"depo\"", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":\"depot2\"", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":\"depot\\u0000\"", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":[\"depot\"]", TOKEN_MALFORMED);
    expect_other_claims("\"aud\":\"depot\"", "\"aud\":[\"evil\",\"depot\"]", TOKEN_MALFORMED);
}

Test(forgery_claims, ids_roles_and_methods)
{
    expect_other_claims(ANNA, "0195A3C0-7c00-7000-8000-000000000001", TOKEN_MALFORMED);
    expect_other_claims(ANNA, "0195a3c0-7c00-7000-8000-00000000000", TOKEN_MALFORMED);
    expect_other_claims(ANNA, "0195a3c0-7c00-7000-8000-0000000000011", TOKEN_MALFORMED);
    expect_other_claims(ANNA, "{195a3c0-7c00-7000-8000-00000000001}", TOKEN_MALFORMED);
    expect_other_claims(SESSION, "anna", TOKEN_MALFORMED);
    expect_other_claims("0000000000ff", "0000000000fg", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"admin\"", TOKEN_GOOD);
    expect_other_claims("\"member\"", "\"operator\"", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"anonymous\"", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"Admin\"", TOKEN_MALFORMED);
    expect_other_claims("\"member\"", "\"admin manager\"", TOKEN_MALFORMED);
    expect_other_claims("\"pwd\"", "\"key\"", TOKEN_GOOD);
    expect_other_claims("\"pwd\"", "\"otp\"", TOKEN_MALFORMED);
    expect_other_claims("\"pwd\"", "\"pwd1\"", TOKEN_MALFORMED);
    expect_other_claims("[\"pwd\"]", "\"pwd\"", TOKEN_MALFORMED);
    expect_other_claims("\"gen\":7", "\"gen\":4294967295", TOKEN_GOOD);
    expect_other_claims("\"gen\":7", "\"gen\":4294967296", TOKEN_MALFORMED);
}

Test(forgery_claims, lengths_of_names_and_scopes)
{
    char longer[TOKEN_SCOPE_BYTES + 16];
    struct text claims = claims_json(0);

    memset(longer, 'x', sizeof(longer));
    longer[TOKEN_NAME_BYTES] = '\0';
    expect_other_claims("\"anna\"", "\"\"", TOKEN_MALFORMED);
    claims = replace(&claims, "anna", longer);
    expect_claims(claims.text, TOKEN_GOOD);
    longer[TOKEN_NAME_BYTES] = 'x';
    longer[TOKEN_NAME_BYTES + 1] = '\0';
    expect_other_claims("anna", longer, TOKEN_MALFORMED);
    memcpy(longer, "\"scope\":\"", 9);
    memset(longer + 9, 'y', sizeof(longer) - 9);
    longer[9 + TOKEN_SCOPE_BYTES] = '\0';
    expect_other_claims("\"scope\":\"", longer, TOKEN_GOOD);
    longer[9 + TOKEN_SCOPE_BYTES] = 'y';
    longer[9 + TOKEN_SCOPE_BYTES + 1] = '\0';
    expect_other_claims("\"scope\":\"", longer, TOKEN_MALFORMED);
}

Test(forgery_claims, times)
{
    struct text claims;

    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000000", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1799999999", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000001", TOKEN_GOOD);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000600", TOKEN_GOOD);
    expect_other_claims("\"exp\":1800000300", "\"exp\":1800000601", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":9999999999999999", TOKEN_MALFORMED);
    expect_other_claims("\"exp\":1800000300", "\"exp\":18446744073709551616", TOKEN_MALFORMED);
    expect_other_claims("\"nbf\":1800000000", "\"nbf\":1799999699", TOKEN_MALFORMED);
    expect_other_claims("\"nbf\":1800000000", "\"nbf\":1800000030", TOKEN_GOOD);
    expect_other_claims("\"nbf\":1800000000", "\"nbf\":1800000031", TOKEN_EARLY);
    expect_other_claims("\"iat\":1800000000", "\"iat\":1800000300", TOKEN_MALFORMED);
    claims = claims_json(0);
    claims = replace(&claims, "\"nbf\":1800000000", "\"nbf\":1799999400");
    claims = replace(&claims, "\"iat\":1800000000", "\"iat\":1799999400");
    claims = replace(&claims, "1800000300", "1800000000");
    expect_claims(claims.text, TOKEN_OVER);
}

Test(forgery_claims, claims_that_are_no_object)
{
    static const char *const documents[] = {
        "", " ", "{", "}", "{}", "[]", "null", "7", "\"a\"", "{}{}", "[{}]", "{\"iss\"}", "\xff",
    };
    char deep[1200];

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        expect_claims(documents[i], TOKEN_MALFORMED);
    }
    memset(deep, '[', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    expect_claims(deep, TOKEN_MALFORMED);
    expect_other_claims("\"pwd\"", "[[[[[[\"pwd\"]]]]]]", TOKEN_MALFORMED);
    expect_other_claims("}", "} ", TOKEN_GOOD);
    expect_other_claims("}", "}x", TOKEN_MALFORMED);
    expect_other_claims("anna", "an\xc3na", TOKEN_MALFORMED);
    expect_other_claims("anna", "an\\ud800na", TOKEN_MALFORMED);
}
