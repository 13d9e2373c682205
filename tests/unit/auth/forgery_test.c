/* Tokens whose text somebody changed: what is between its parts, in them, and how long they are. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static struct text
good_token(void)
{
    struct token_claims claims = claims_of(0);

    return write_token(&claims, 0);
}

/* The good token with some bytes put in at a place. */
static void
expect_with(size_t at, const char *bytes, size_t n)
{
    struct text token = good_token();

    memmove(token.text + at + n, token.text + at, token.bytes - at);
    memcpy(token.text + at, bytes, n);
    token.bytes += n;
    cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu: %s", at, bytes);
}

Test(forgery, something_put_in_anywhere)
{
    struct text token = good_token();

    for (size_t at = 0; at <= token.bytes; at++) {
        expect_with(at, ".", 1);
        expect_with(at, " ", 1);
        expect_with(at, "\n", 1);
        expect_with(at, "\0", 1);
        expect_with(at, "=", 1);
        expect_with(at, "==", 2);
        expect_with(at, "A", 1);
        expect_with(at, "AAAA", 4);
    }
}

Test(forgery, a_byte_less_anywhere)
{
    struct text good = good_token();

    for (size_t at = 0; at < good.bytes; at++) {
        struct text token = good;

        memmove(token.text + at, token.text + at + 1, token.bytes - at);
        token.bytes--;
        cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu", at);
        token = good;
        token.bytes = at;
        expect_verdict(&token,
                       at < 100 ? TOKEN_MALFORMED : read_text(&token, &(struct token_claims){0}),
                       "a beginning");
        cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu", at);
    }
}

/* Every other value of every byte of the text: nothing in it is without meaning. */
Test(forgery, every_byte_changed)
{
    struct text good = good_token(), token = good;

    for (size_t at = 0; at < good.bytes; at++) {
        for (unsigned value = 0; value < 256; value += at < 120 ? 1 : 37) {
            token.text[at] = (char)value;
            if (token.text[at] != good.text[at]) {
                cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD, "%zu %u %s",
                              at, value, good.text);
            }
        }
        token.text[at] = good.text[at];
    }
}

/* Each bit of the signature, decoded and encoded again. */
Test(forgery, every_bit_of_the_signature)
{
    struct text good = good_token();
    size_t start = (size_t)(strrchr(good.text, '.') + 1 - good.text);
    unsigned char signature[crypto_sign_BYTES];
    size_t n;

    cr_assert_eq(sodium_base642bin(signature, sizeof(signature), good.text + start,
                                   good.bytes - start, NULL, &n, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
        struct text token = good, part;

        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
        part = base64(signature, sizeof(signature));
        memcpy(token.text + start, part.text, part.bytes);
        expect_verdict(&token, TOKEN_FORGED, "a bit of the signature");
        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

/* The last character of 64 bytes has four bits that mean nothing: they must be zero. */
Test(forgery, base64_that_is_not_canonical)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct text good = good_token();
    size_t n_good = 0;

    for (const char *c = alphabet; *c != '\0'; c++) {
        struct text token = good;

        token.text[token.bytes - 1] = *c;
        n_good += read_text(&token, &(struct token_claims){0}) == TOKEN_GOOD;
    }
    cr_assert_eq(n_good, 1);
}

/* The other alphabet of base64 says the same with other characters. */
Test(forgery, the_other_alphabet)
{
    unsigned n_changed = 0;

    for (unsigned n = 0; n < 2; n++) {
        struct token_claims claims = claims_of(n);
        struct text token = write_token(&claims, n);

        for (size_t i = 0; i < token.bytes; i++) {
            n_changed += token.text[i] == '-' || token.text[i] == '_';
            token.text[i] = token.text[i] == '-' ? '+' : token.text[i] == '_' ? '/' : token.text[i];
        }
        cr_assert_neq(read_text(&token, &(struct token_claims){0}), TOKEN_GOOD);
    }
    cr_assert_gt(n_changed, 0);
}

Test(forgery, parts_of_two_tokens)
{
    struct token_claims claims = claims_of(0);
    struct text first = write_token(&claims, 0), second, mixed = {.text = ""};
    int header = (int)strcspn(first.text, ".");
    int both = (int)(strrchr(first.text, '.') - first.text);

    claims.role = PB_ROLE_ADMIN;
    second = write_token(&claims, 0);
    mixed.bytes =
        (size_t)sprintf(mixed.text, "%.*s%s", both, first.text, strrchr(second.text, '.'));
    expect_verdict(&mixed, TOKEN_FORGED, "the signature of another");
    claims = claims_of(1);
    second = write_token(&claims, 1);
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s%s", header, second.text, first.text + header);
    expect_verdict(&mixed, TOKEN_FORGED, "the header of another");
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s.", both, first.text);
    expect_verdict(&mixed, TOKEN_FORGED, "no signature");
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s", both, first.text);
    expect_verdict(&mixed, TOKEN_MALFORMED, "two parts");
    mixed.bytes = (size_t)sprintf(mixed.text, "%.*s.AAAA.AAAA", 2000, first.text);
    expect_verdict(&mixed, TOKEN_MALFORMED, "five parts");
}

Test(forgery, texts_that_are_no_token)
{
    static const char *const texts[] = {
        "", ".", "..", "...", "a.b.c", "Bearer x", "null", "e30.e30.e30", "e30.e30.",
    };
    static struct text token;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        token.bytes = strlen(texts[i]);
        memcpy(token.text, texts[i], token.bytes + 1);
        expect_verdict(&token, TOKEN_MALFORMED, texts[i]);
    }
    memset(token.text, 'A', 4096);
    token.bytes = 4096;
    expect_verdict(&token, TOKEN_MALFORMED, "4 KiB");
    memset(token.text, '.', 4096);
    expect_verdict(&token, TOKEN_MALFORMED, "4 KiB of dots");
}

/* Also a good one is only so long: white space in the JSON is signed, too. */
Test(forgery, longer_than_any_token)
{
    struct text header = header_json(0);
    struct text claims = claims_json(0), token;
    size_t n = 0;

    do {
        token = forge(header.text, claims.text, 0);
        expect_verdict(&token, token.bytes <= TOKEN_TEXT_MAX_BYTES ? TOKEN_GOOD : TOKEN_MALFORMED,
                       "spaces");
        claims.text[claims.bytes++] = ' ';
        n += token.bytes > TOKEN_TEXT_MAX_BYTES;
    } while (n < 10);
}
