#include "home.h"

#include <string.h>

const char home_policy[] =
    "default-src 'none'; style-src 'sha256-kObwJvU47Y6GDOAXxl7DeNIoSIUHDZXaCllQm0DYDMY='; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c2430;--soft:#5a6675;--line:#d9dee5;--page:#f6f7f9;"
    "--card:#fff;--code:#f0f2f5;--accent:#0b6bcb}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#9aa7b6;--line:#2c3540;"
    "--page:#12161b;--card:#1a2027;--code:#11151a;--accent:#6cb2f7}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--page);color:var(--ink);"
    "font:16px/1.6 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "main{max-width:46rem;margin:0 auto;padding:4rem 1.25rem 3rem}"
    "h1{margin:0;font-size:2.25rem;line-height:1.2;letter-spacing:-.02em}"
    "h2{margin:2.5rem 0 .75rem;font-size:1.0625rem}"
    ".lead{margin:.75rem 0 0;font-size:1.125rem;color:var(--soft)}"
    "pre{margin:0;padding:1rem 1.125rem;overflow-x:auto;background:var(--code);"
    "border:1px solid var(--line);border-radius:.5rem;"
    "font:13.5px/1.65 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}"
    "ul{margin:0;padding:0;list-style:none;background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem}"
    "li{display:flex;flex-wrap:wrap;padding:.75rem 1.125rem}"
    "li+li{border-top:1px solid var(--line)}"
    "li a{flex:0 0 14rem;font-weight:600}"
    "li span{flex:1 1 16rem;color:var(--soft)}"
    "a{color:var(--accent);text-decoration:none}a:hover,a:focus{text-decoration:underline}"
    "footer{margin-top:2.5rem;font-size:.875rem;color:var(--soft)}";

static const char before_style[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Depot</title>\n<style>";

static const char before_lines[] =
    "</style>\n</head>\n<body>\n<main>\n<h1>Depot</h1>\n"
    "<p class=\"lead\">Inventory and booking of cars, lorries and trucks. "
    "No vehicle is ever booked twice for one moment.</p>\n"
    "<h2>Add a car and book it</h2>\n<pre>";

static const char after_lines[] = "</pre>\n<h2>Where to go on</h2>\n<ul>\n";

static const char docs_line[] =
    "<li><a href=\"docs\">/docs</a><span>Every method, to read and to try out</span></li>\n";

static const char after_docs[] =
    "<li><a href=\"openapi.json\">/openapi.json</a>"
    "<span>The same for programs, OpenAPI 3.1</span></li>\n"
    "<li><a href=\"descriptor.binpb\">/descriptor.binpb</a>"
    "<span>The protobuf contract, for Connect and gRPC-Web</span></li>\n"
    "<li><a href=\".well-known/jwks.json\">/.well-known/jwks.json</a>"
    "<span>The keys that access tokens are signed with</span></li>\n"
    "</ul>\n<footer>Depot " DEPOT_VERSION "</footer>\n</main>\n</body>\n</html>\n";

static void
put_escaped(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        default:
            buf_putc(out, *text);
        }
    }
}

/* The password is the one that the first start has printed. */
static void
put_login(struct buf *out, const char *base_url)
{
    buf_printf(out,
               "PASSWORD='the password of admin, shown at the first start'\n"
               "TOKEN=$(curl -sS %s/v1/auth/login \\\n"
               "  --json \"{\\\"username\\\": \\\"admin\\\", \\\"password\\\": "
               "\\\"$PASSWORD\\\"}\" |\n"
               "  sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')\n",
               base_url);
}

/* To be pasted as it stands, and once more: a name can be taken only once. */
static void
put_booking(struct buf *out, const struct home *home)
{
    const char *known = home->login ? " \\\n  -H \"Authorization: Bearer $TOKEN\"" : "";

    buf_printf(
        out,
        "CAR=%s/v1/cars/$(curl -sS %s/v1/cars%s \\\n"
        "  --json \"{\\\"name\\\": \\\"Beetle $(date +%%s)\\\"}\" |\n"
        "  sed 's/.*\"id\":\"\\([^\"]*\\)\".*/\\1/')\n"
        "curl -sS $CAR/allocations%s --json '\n"
        "  {\"startTime\": \"2030-05-01T09:00:00Z\", \"endTime\": \"2030-05-02T09:00:00Z\"}'",
        home->base_url, home->base_url, known, known);
}

static void
put_lines(struct buf *out, const struct home *home)
{
    struct buf lines = BUF_INIT;

    if (home->login) {
        put_login(&lines, home->base_url);
    }
    put_booking(&lines, home);
    buf_putc(&lines, '\0');
    put_escaped(out, lines.data);
    buf_fini(&lines);
}

void
home_write(struct buf *out, const struct home *home)
{
    buf_puts(out, before_style);
    buf_append(out, style, sizeof(style) - 1);
    buf_puts(out, before_lines);
    put_lines(out, home);
    buf_puts(out, after_lines);
    if (home->docs) {
        buf_puts(out, docs_line);
    }
    buf_puts(out, after_docs);
}
