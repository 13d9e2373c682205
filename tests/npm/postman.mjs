// A Postman collection of an OpenAPI document of ours: `make postman`.
//
//     node postman.mjs DOCUMENT COLLECTION
//
// It can be run as it stands, and again: it logs in, what a request makes is used by those that its
// links lead to (the document's `links`), things are removed after everything else, and each request
// checks its status. What the document cannot say is in STORY.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import converter from "openapi-to-postmanv2";

const OPTIONS = {
  folderStrategy: "Tags",
  requestNameSource: "Fallback",
  requestParametersResolution: "Example",
  exampleParametersResolution: "Example",
  parametersResolution: "Example",
  enableOptionalParameters: false,
  keepImplicitHeaders: true,
};

const DESCRIPTION = `To run it, set two variables of the collection: \`password\`, which is the password of the account
\`username\` (that of \`admin\` is in .depot/secrets/admin_password after \`make run\`, and \`make up\` says where
it is), and \`baseUrl\` if it is not the one that is there. The first request logs in and keeps the access token in
\`accessToken\`, which all other requests send; it is good for ten minutes, then send the first one again. An API key
in \`accessToken\` will do, too, but for what is done by a session alone.

RegisterUser, Login, Refresh, UpdateMe and Logout are about a session of its own, which somebody has who is made here
and removed in the end.`;

// What is made here is called after the run: nobody has the name yet. A code has three digits.
const RUN = [
  'pm.collectionVariables.set("run", Date.now());',
  'pm.collectionVariables.set("code", String(Math.floor(Date.now() / 100) % 1000).padStart(3, "0"));',
];

// What the document cannot say: which `rank` the steps of a session have among the requests, `as`
// whom they are asked (the collection's session unless said otherwise), and what is other than the
// document's example: what has to be unique, a secret that was answered, what goes without saying.
const STORY = {
  RegisterUser: { body: { username: "ada-{{run}}", email: "ada-{{run}}@example.org" } },
  Login: { rank: 1, body: { username: "{{RegisterUser.username}}", email: undefined } },
  Refresh: { rank: 2, body: { refreshToken: "{{Login.refreshToken}}" } },
  UpdateMe: { as: "Refresh", body: { password: "correct horse {{run}}", oldPassword: "correct horse battery" } },
  Logout: { rank: 150, as: "Refresh", body: { refreshToken: undefined } },
  CreateUser: { body: { username: "grace-{{run}}", email: "grace-{{run}}@example.org" } },
  UpdateUser: { body: { username: undefined, email: undefined, password: undefined } },
  CreateApiKey: { body: { name: "import {{run}}", expireTime: undefined } },
  CreateResource: { body: { name: "Beetle {{run}}" } },
  UpdateResource: { body: { name: undefined } },
  CreatePxcode: { body: { pxcode: "{{code}}" } },
};

function convert(document) {
  return new Promise((resolve, reject) =>
    converter.convertV2({ type: "json", data: document }, OPTIONS, (error, result) => {
      if (error || !result.result) reject(error ?? new Error(result.reason));
      else resolve(result.output[0].data);
    }),
  );
}

// --- what the document says ------------------------------------------------------------------

function operationsOf(document) {
  const operations = [];
  for (const [path, verbs] of Object.entries(document.paths))
    for (const [verb, definition] of Object.entries(verbs))
      operations.push({ path, verb: verb.toUpperCase(), id: definition.operationId, definition });
  return operations;
}

const success = (operation) =>
  Number(Object.keys(operation.definition.responses).find((status) => status.startsWith("2")));

const linksOf = (operation) => operation.definition.responses[success(operation)].links ?? {};

// The operations that make what this one is about: those whose links lead here, first who knows most.
function makersOf(operation, operations) {
  const known = (maker) => Object.keys(linksOf(maker)[operation.id]?.parameters ?? {}).length;
  return operations.filter((maker) => known(maker) > 0).sort((a, b) => known(b) - known(a));
}

function depthOf(operation, operations) {
  const [maker] = makersOf(operation, operations);
  return maker ? 1 + depthOf(maker, operations) : 0;
}

// Things are made from the outside in, used, and removed from the inside out.
function rank(operation, operations) {
  const depth = depthOf(operation, operations);
  const own = operation.verb === "POST" ? depth : operation.verb === "DELETE" ? 200 - depth : 100 + depth;
  return STORY[operation.id]?.rank ?? own;
}

// --- the collection --------------------------------------------------------------------------

const bearer = (variable) => ({ type: "bearer", bearer: [{ key: "token", value: `{{${variable}}}`, type: "string" }] });

const testOf = (lines) => ({ listen: "test", script: { type: "text/javascript", exec: lines } });

const keep = (name, member) => `pm.collectionVariables.set("${name}", pm.response.json().${member});`;

// "$response.body#/id" of CreateResource is the variable CreateResource.id.
const variable = (maker, expression) => `${maker.id}.${expression.replace("$response.body#/", "")}`;

function allItems(items) {
  return items.flatMap((item) => (item.item ? allItems(item.item) : [item]));
}

function operationOf(item, operations) {
  const path = `/${item.request.url.path.join("/")}`.replace(/:(\w+)/g, "{$1}").replace(/\/+/g, "/");
  return operations.find((one) => one.path === path && one.verb === item.request.method);
}

function fillIn(item, operation, maker) {
  const parameters = maker ? linksOf(maker)[operation.id].parameters : {};
  for (const part of item.request.url.variable ?? [])
    if (parameters[part.key]) part.value = `{{${variable(maker, parameters[part.key])}}}`;
  const { body } = STORY[operation.id] ?? {};
  if (body) item.request.body.raw = JSON.stringify({ ...JSON.parse(item.request.body.raw), ...body }, null, 2);
}

// Whoever may ask without a token does; all others inherit the collection's.
function authorize(request, operation) {
  const { as } = STORY[operation.id] ?? {};
  request.auth = operation.definition.security.length === 0 ? { type: "noauth" } : as && bearer(`${as}.accessToken`);
  if (!request.auth) delete request.auth;
}

// What is the gateway's own may not be there (/docs): then its answer is another of the document's.
function expectation(operation) {
  const statuses = operation.definition.tags.includes("Gateway")
    ? Object.keys(operation.definition.responses).map(Number)
    : [success(operation)];
  return `pm.test("${operation.id}", () => pm.expect(pm.response.code, pm.response.text()).to.be.oneOf(${JSON.stringify(statuses)}));`;
}

// Of a request, once for each that makes what it removes: nothing is left behind.
function requestsOf(item, operation, operations) {
  const makers = makersOf(operation, operations);
  const about = operation.verb === "DELETE" && makers.length > 0 ? makers : makers.slice(0, 1);
  return (about.length > 0 ? about : [undefined]).map((maker, i) => {
    const one = structuredClone(item);
    one.name = i === 0 ? operation.id : `${operation.id} of ${maker.id}`;
    fillIn(one, operation, maker);
    authorize(one.request, operation);
    return { item: one, operation };
  });
}

// A request keeps of its answer what others name as {{its id.member}}.
function addScripts(requests) {
  const used = new Set(JSON.stringify(requests.map(({ item }) => item.request)).match(/(?<=\{\{)\w+\.\w+(?=\}\})/g));
  for (const { item, operation } of requests) {
    const kept = [...used].filter((name) => name.startsWith(`${operation.id}.`));
    item.event = [testOf([expectation(operation), ...kept.map((name) => keep(name, name.split(".")[1]))])];
  }
}

function logIn({ item, operation }) {
  const one = structuredClone(item);
  one.name = "Log in";
  one.request.body.raw = JSON.stringify({ username: "{{username}}", password: "{{password}}" }, null, 2);
  one.event = [testOf([...RUN, expectation(operation), keep("accessToken", "accessToken")])];
  return one;
}

export async function collectionOf(file) {
  const text = readFileSync(file, "utf8");
  const operations = operationsOf(JSON.parse(text));
  const collection = await convert(text);
  const items = allItems(collection.item).map((item) => ({ item, operation: operationOf(item, operations) }));
  const missing = operations.filter((operation) => !items.some((one) => one.operation === operation));
  if (missing.length > 0 || items.some((one) => !one.operation))
    throw new Error(`not in the collection: ${missing.map((one) => one.id).join(", ")}`);
  const requests = items.flatMap(({ item, operation }) => requestsOf(item, operation, operations));
  requests.sort((a, b) => rank(a.operation, operations) - rank(b.operation, operations));
  addScripts(requests);
  collection.item = [logIn(requests.find((one) => one.operation.id === "Login")), ...requests.map((one) => one.item)];
  collection.info.description.content += `\n\n${DESCRIPTION}`;
  collection.auth = bearer("accessToken");
  collection.variable = Object.entries({
    baseUrl: "http://localhost:8080", username: "admin", password: "", accessToken: "",
  }).map(([key, value]) => ({ key, value }));
  return collection;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [document, file] = process.argv.slice(2);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(await collectionOf(document), null, 2)}\n`);
  console.log(file);
}
