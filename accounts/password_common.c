/*
 * The passwords that are tried first. The list is of our own making: what published lists of leaked
 * passwords have in common among those that are long enough to be taken here. Whatever follows a
 * rule is left to the rule.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "accounts/password.h"

enum { REPEATED_BYTES_MAX = 5 };

/* Small letters only; none that one of the rules below finds. */
static const char *const commonest[] = {
    "1020304050",
    "010203040506",
    "1122334455",
    "112233445566",
    "1111122222",
    "1234567891",
    "12345678910",
    "12345678912",
    "123456789123",
    "1234567899",
    "1231231234",
    "1357924680",
    "2468013579",
    "1472583690",
    "7894561230",
    "9638527410",
    "7418529630",
    "3216549870",
    "5555544444",
    "1593574862",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "1q2w3e4r5t6y7u",
    "zaq12wsxcde3",
    "zaq1xsw2cde3",
    "1qazxsw23edc",
    "qazxswedcvfr",
    "!qaz2wsx3edc",
    "qweasdzxc123",
    "qweasdzxcv",
    "123qweasdzxc",
    "1234qwerasdf",
    "1234qwerasdfzxcv",
    "asdfghjkl;",
    "asdfghjkl;'",
    "qwertyuiop[]",
    "zxcvbnm,./",
    "qwe123qwe123",
    "123qwe123qwe",
    "12345qwert",
    "123456qwerty",
    "123456qwertz",
    "qwer123456",
    "asdf123456",
    "abc123abc123",
    "abcdef123456",
    "abcd123456",
    "abcdefg123",
    "a1b2c3d4e5",
    "a1b2c3d4e5f6",
    "1a2b3c4d5e",
    "1a2b3c4d5e6f",
    "a123456789",
    "a1234567890",
    "123456789a",
    "1234567890a",
    "123456789q",
    "q123456789",
    "z123456789",
    "aa123456789",
    "123456789abc",
    "987654321a",
    "qwerty1234567890",
    "iloveyouforever",
    "iloveyousomuch",
    "ilovemyself",
    "ilovejesus",
    "jesuschrist",
    "ichliebedich",
    "teamoteamo",
    "tequieromucho",
    "manchester",
    "manchesterunited",
    "liverpoolfc",
    "realmadrid",
    "fcbarcelona",
    "basketball",
    "volleyball",
    "cheerleader",
    "skateboard",
    "skateboarding",
    "snowboarding",
    "motorcycle",
    "lamborghini",
    "volkswagen",
    "thunderbird",
    "strawberry",
    "watermelon",
    "cinderella",
    "tinkerbell",
    "harrypotter",
    "jamesbond007",
    "spongebobsquarepants",
    "playstation",
    "opensesame",
    "helloworld",
    "helloworld!",
    "christopher",
    "alexandria",
    "jacqueline",
    "montgomery",
    "washington",
    "california",
    "philadelphia",
    "blackberry",
    "everything",
    "friendship",
    "friendsforever",
    "mypassword",
    "yourpassword",
    "newpassword",
    "oldpassword",
    "temppassword",
    "defaultpassword",
    "secretpassword",
    "thisisapassword",
    "thepassword",
    "nopassword",
    "adminpassword",
    "userpassword",
    "rootpassword",
    "passwordpassword",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "supersecret",
    "topsecret",
    "letmeinplease",
    "letmeinnow",
    "chrysler300",
    "butterflies",
    "grandmother",
    "halloween13",
    "starwars1977",
    "dragonball",
    "dragonballz",
    "finalfantasy",
    "counterstrike",
    "blink182182",
    "linkinpark",
    "metallica1",
    "greenday123",
    "slipknot666",
    "hannahmontana",
    "zxcvbnm123",
    "zxcvbnm1234",
    "asdfghjkl1",
    "asdfghjkl123",
    "qwertyuiop1",
    "qwertyuiop123",
    "1qaz2wsx3edc4rfv!",
    "p455w0rd123",
};

/* Words that are common with digits and marks behind them, in whatever number. */
static const char *const words[] = {
    "password",   "passwort",   "passw0rd",  "p@ssword",      "p@ssw0rd", "pa55word", "pa$$word",
    "motdepasse", "contrasena", "qwerty",    "qwertz",        "azerty",   "welcome",  "willkommen",
    "letmein",    "iloveyou",   "admin",     "administrator", "root",     "changeme", "default",
    "secret",     "test",       "testing",   "testtest",      "guest",    "user",     "demo",
    "hello",      "hallo",      "sunshine",  "princess",      "football", "baseball", "superman",
    "batman",     "spiderman",  "pokemon",   "dragon",        "monkey",   "master",   "shadow",
    "michael",    "jessica",    "charlie",   "computer",      "internet", "samsung",  "minecraft",
    "chocolate",  "butterfly",  "starwars",  "freedom",       "whatever", "summer",   "winter",
    "spring",     "autumn",     "trustno",   "abc",           "abcd",     "login",    "liverpool",
    "barcelona",  "arsenal",    "chelsea",   "mustang",       "ferrari",  "mercedes", "google",
    "facebook",   "linkedin",   "microsoft", "depot",
};

/* What fingers run along, forwards and backwards; the end goes on at the start. */
static const char *const tracks[] = {
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_listed(const char *password)
{
    for (size_t i = 0; i < N_OF(commonest); i++) {
        if (strcasecmp(password, commonest[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A few characters again and again; the last time perhaps not all of them. */
static bool
is_repeated(const char *password)
{
    size_t bytes = strlen(password);

    for (size_t unit = 1; unit <= REPEATED_BYTES_MAX && 2 * unit <= bytes; unit++) {
        if (strncasecmp(password, password + unit, bytes - unit) == 0) {
            return true;
        }
    }
    return false;
}

/* Where a character stands in a track; its length if nowhere. */
static size_t
find(const char *track, char c)
{
    size_t at = 0;

    while (track[at] != '\0' && track[at] != tolower((unsigned char)c)) {
        at++;
    }
    return at;
}

static bool
runs_along(const char *track, const char *password)
{
    size_t n = strlen(track);
    size_t at = find(track, password[0]);
    bool forwards = true, backwards = true;

    for (const char *c = password + 1; *c != '\0' && (forwards || backwards); c++) {
        size_t next = find(track, *c);

        if (at == n || next == n) {
            return false;
        }
        forwards = forwards && next == (at + 1) % n;
        backwards = backwards && at == (next + 1) % n;
        at = next;
    }
    return forwards || backwards;
}

static bool
is_run(const char *password)
{
    for (size_t i = 0; i < N_OF(tracks); i++) {
        if (runs_along(tracks[i], password)) {
            return true;
        }
    }
    return false;
}

/* The first `bytes` bytes of `word`, whatever the case, and then only digits and marks. */
static bool
is_word_and_digits(const char *password, const char *word, size_t bytes)
{
    const char *rest;

    if (bytes == 0 || strncasecmp(password, word, bytes) != 0) {
        return false;
    }
    rest = password + bytes;
    return strspn(rest, "0123456789 !?.,*#@$_-+") == strlen(rest);
}

bool
password_is_common(const char *password)
{
    if (is_listed(password) || is_repeated(password) || is_run(password)) {
        return true;
    }
    for (size_t i = 0; i < N_OF(words); i++) {
        if (is_word_and_digits(password, words[i], strlen(words[i]))) {
            return true;
        }
    }
    return false;
}

bool
password_is_own(const char *password, const char *username, const char *email)
{
    return is_word_and_digits(password, username, strlen(username)) ||
           is_word_and_digits(password, email, strlen(email)) ||
           is_word_and_digits(password, email, strcspn(email, "@"));
}
