// Holds every answer that the end-to-end tests have seen against the OpenAPI documents:
//
//     TEST_EXCHANGES=FILE node exchanges_test.mjs DOCUMENT...
//
// FILE has a line for each exchange (tests/support/exchanges.c). Whatever the documents do not
// say is a failure: status, type of content, members of the body, header fields. So is an empty
// list.
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Document } from "./document.mjs";

// What HTTP itself, browsers and caches need; the document is about the rest.
const GENERAL_FIELDS = new Set([
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-security-policy",
  "content-type",
  "cross-origin-resource-policy",
  "date",
  "referrer-policy",
  "vary",
  "x-content-type-options",
]);

// Connect and gRPC-Web: their answers are described by the descriptor set.
const RPC_PATH = /^\/[a-z]\w*(\.\w+)+\/\w+$/;

const text = (hexadecimal) => Buffer.from(hexadecimal, "hex").toString("utf8");

function readExchange(line) {
  const { verb, url, status, headers, body } = JSON.parse(line);
  const fields = new Map();
  for (const field of text(headers).split("\r\n").slice(1)) {
    const colon = field.indexOf(":");
    if (colon > 0) fields.set(field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim());
  }
  let bytes = Buffer.from(body, "hex");
  if (fields.get("content-encoding") === "gzip" && bytes.length > 0) bytes = gunzipSync(bytes);
  return {
    verb: text(verb),
    path: text(url).replace(/^http:\/\/[^/]*/, "").replace(/[?#].*/s, ""),
    status,
    fields,
    type: (fields.get("content-type") ?? "").split(";")[0],
    body: bytes,
  };
}

function parse(exchange) {
  try {
    return JSON.parse(exchange.body.toString("utf8"));
  } catch {
    return undefined;
  }
}

// --- answers of no operation -----------------------------------------------------------------

// A problem with one of the reasons that need no operation.
function* checkOutside(document, exchange, status, reasons) {
  const problem = parse(exchange);
  if (exchange.status !== status) yield `status ${exchange.status} instead of ${status}`;
  if (exchange.type !== "application/problem+json") yield `type "${exchange.type}" of a problem`;
  if (exchange.verb === "HEAD") return;
  const complaint = document.complaint(["components", "schemas", "Problem"], problem ?? null);
  if (complaint) yield complaint;
  if (!reasons.includes(problem?.reason)) yield `reason ${problem?.reason}`;
}

// What `Allow` must list: the document's verbs, HEAD where GET is, and OPTIONS.
function verbsOf(operations) {
  const verbs = new Set(operations.map((operation) => operation.verb.toUpperCase()));
  if (verbs.has("GET")) verbs.add("HEAD");
  verbs.add("OPTIONS");
  return [...verbs].sort().join(", ");
}

function* checkOtherVerb(document, exchange, operations) {
  const allow = (exchange.fields.get("allow") ?? "").split(/, */).sort().join(", ");
  if (allow !== verbsOf(operations)) yield `Allow "${allow}", the document has "${verbsOf(operations)}"`;
  if (exchange.verb !== "OPTIONS") {
    yield* checkOutside(document, exchange, 405, ["METHOD_NOT_ALLOWED"]);
  } else if (exchange.status !== 204 || exchange.body.length !== 0) {
    yield `status ${exchange.status} to OPTIONS`;
  }
}

// --- answers of operations -------------------------------------------------------------------

function* checkFields(document, exchange, definition, pointer) {
  const known = new Map();
  for (const [name, header] of Object.entries(definition.headers ?? {}))
    known.set(name.toLowerCase(), { name, header: document.resolve(header) });
  for (const [name, { header }] of known) {
    const value = exchange.fields.get(name);
    if (value === undefined) {
      if (header.required) yield `no header field ${name}`;
    } else if (header.schema.type === "integer" ? !/^[0-9]+$/.test(value) : value === "") {
      yield `header field ${name}: "${value}"`;
    }
  }
  for (const name of exchange.fields.keys())
    if (!known.has(name) && !GENERAL_FIELDS.has(name)) yield `header field ${name} is not in ${pointer.at(-1)}`;
}

function* checkBody(document, exchange, definition, pointer) {
  const content = definition.content ?? {};
  if (exchange.verb === "HEAD" || Object.keys(content).length === 0) {
    if (exchange.body.length !== 0) yield "a body where none may be";
    if (Object.keys(content).length === 0) return;
  }
  if (content[exchange.type] === undefined) {
    yield `type "${exchange.type}" is not documented`;
  } else if (exchange.verb !== "HEAD" && exchange.type.endsWith("json")) {
    const complaint = document.complaint([...pointer, "content", exchange.type, "schema"], parse(exchange) ?? null);
    if (complaint) yield complaint;
  }
}

function* checkOperation(document, exchange, operation) {
  const response = operation.response(exchange.status);
  if (!response) {
    yield `status ${exchange.status} is not documented`;
    return;
  }
  yield* checkFields(document, exchange, response.definition, response.pointer);
  yield* checkBody(document, exchange, response.definition, response.pointer);
}

// --- all of them -----------------------------------------------------------------------------

// null: no path that is valid, for its percent-encoding or for dot segments.
function operationsAt(document, path) {
  try {
    return path.split("/").map(decodeURIComponent).some((segment) => /^\.{1,2}$/.test(segment))
      ? null
      : document.at(path);
  } catch {
    return null;
  }
}

function* check(document, exchange, seen) {
  if (RPC_PATH.test(exchange.path)) return;
  const operations = operationsAt(document, exchange.path);
  if (operations === null) {
    yield* checkOutside(document, exchange, 400, ["BAD_PATH"]);
  } else if (operations.length === 0) {
    yield* checkOutside(document, exchange, 404, ["ROUTE_UNKNOWN"]);
  } else {
    const verb = exchange.verb === "HEAD" ? "get" : exchange.verb.toLowerCase();
    const operation = operations.find((one) => one.verb === verb);
    if (operation) {
      seen.add(`${operation.definition.operationId} ${exchange.status}`);
      yield* checkOperation(document, exchange, operation);
    } else {
      yield* checkOtherVerb(document, exchange, operations);
    }
  }
}

const LIVE = {
  verb: "GET",
  path: "/livez",
  status: 200,
  fields: new Map([["x-request-id", "1"]]),
  type: "application/json",
  body: Buffer.from('{"status":"ok"}'),
};
const REFUSED = {
  verb: "GET",
  path: "/v1/auth/me",
  status: 401,
  fields: new Map([...LIVE.fields, ["www-authenticate", 'Bearer realm="depot"']]),
  type: "application/problem+json",
  body: Buffer.from(
    JSON.stringify({
      type: "urn:depot:problem:token-missing", title: "Please log in", status: 401, detail: "", instance: "/v1/auth/me",
      code: "UNAUTHENTICATED", reason: "TOKEN_MISSING", requestId: "1",
    }),
  ),
};

// Each is right, and wrong in one way with each of the changes.
const KNOWN = [
  [LIVE, [
    { status: 418 },
    { type: "text/plain" },
    { body: Buffer.from('{"status":"ok","more":1}') },
    { body: Buffer.from('{"status":"bad"}') },
    { body: Buffer.from("{}") },
    { body: Buffer.from("") },
    { fields: new Map() },
    { fields: new Map([...LIVE.fields, ["x-more", "1"]]) },
    { path: "/nowhere" },
    { verb: "POST" },
  ]],
  [REFUSED, [
    { status: 403 },
    { fields: LIVE.fields },
    { fields: new Map([...REFUSED.fields, ["www-authenticate", ""]]) },
    { body: Buffer.from(REFUSED.body.toString().replace("TOKEN_MISSING", "NOT_ALLOWED")) },
    { path: "/v1/auth/login", verb: "POST" }, // asks nobody for a token
  ]],
];

// A check that lets wrong answers pass would be worth nothing.
function checkTheCheck(document) {
  const complaints = (exchange) => [...check(document, exchange, new Set())];
  for (const [good, wrong] of KNOWN) {
    if (complaints(good).length !== 0) throw new Error(`a good answer is refused: ${complaints(good)}`);
    for (const change of wrong)
      if (complaints({ ...good, ...change }).length === 0) throw new Error(`not refused: ${JSON.stringify(change)}`);
  }
}

function checkAll(file, exchanges) {
  const document = new Document(file);
  checkTheCheck(document);
  const complaints = new Map();
  const seen = new Set();
  for (const exchange of exchanges)
    for (const complaint of check(document, exchange, seen)) {
      const key = `${exchange.verb} ${exchange.path.replace(/[0-9a-f-]{36}/g, "{uuid}")} ${exchange.status}: ${complaint}`;
      if (!complaints.has(key)) complaints.set(key, exchange);
    }
  console.log(`${file}: ${exchanges.length} exchanges, ${seen.size} answers of ${document.operations.length} operations`);
  for (const [key, exchange] of [...complaints].slice(0, 30))
    console.log(`  ${key}\n    ${exchange.body.toString("utf8").slice(0, 400)}`);
  if (complaints.size > 30) console.log(`  and ${complaints.size - 30} more`);
  return complaints.size === 0;
}

const list = process.env.TEST_EXCHANGES;
const files = process.argv.slice(2);
if (!list || !existsSync(list) || files.length === 0) {
  console.error(`nothing was recorded in "${list ?? ""}"`);
  process.exit(1);
}
const exchanges = readFileSync(list, "utf8").split("\n").filter(Boolean).map(readExchange);
if (exchanges.length === 0) {
  console.error(`"${list}" is empty`);
  process.exit(1);
}
process.exit(files.map((file) => checkAll(file, exchanges)).every(Boolean) ? 0 : 1);
