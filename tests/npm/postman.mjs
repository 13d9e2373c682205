// A Postman collection of an OpenAPI document of ours: `make postman`.
//
//     node postman.mjs DOCUMENT COLLECTION
//
// It can be run as it stands: what a request makes is used by those that its links lead to (the
// document's `links`), things are removed after everything else, and each request checks its status.
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

// The operation that makes what this one is about: of those whose links lead here, the one that
// knows most.
function makerOf(operation, operations) {
  const known = (maker) => Object.keys(linksOf(maker)[operation.id]?.parameters ?? {}).length;
  return operations.filter((maker) => known(maker) > 0).sort((a, b) => known(b) - known(a))[0];
}

function depthOf(operation, operations) {
  const maker = makerOf(operation, operations);
  return maker ? 1 + depthOf(maker, operations) : 0;
}

// Things are made from the outside in, used, and removed from the inside out.
function rank(operation, operations) {
  const depth = depthOf(operation, operations);
  return operation.verb === "POST" ? depth : operation.verb === "DELETE" ? 200 - depth : 100 + depth;
}

// --- the collection --------------------------------------------------------------------------

// "$response.body#/id" of CreateResource is the variable CreateResource.id.
const memberOf = (expression) => expression.replace("$response.body#/", "");
const variable = (maker, expression) => `${maker.id}.${memberOf(expression)}`;

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
}

// What is the gateway's own may not be there (/docs): then its answer is another of the document's.
function expectation(operation) {
  const statuses = operation.definition.tags.includes("Gateway")
    ? Object.keys(operation.definition.responses).map(Number)
    : [success(operation)];
  return `pm.test("${operation.id}", () => pm.expect(pm.response.code, pm.response.text()).to.be.oneOf(${JSON.stringify(statuses)}));`;
}

function script(operation) {
  const expressions = new Set(Object.values(linksOf(operation)).flatMap((link) => Object.values(link.parameters)));
  const lines = [expectation(operation)];
  for (const expression of expressions)
    lines.push(
      `pm.collectionVariables.set("${variable(operation, expression)}", pm.response.json().${memberOf(expression)});`,
    );
  return [{ listen: "test", script: { type: "text/javascript", exec: lines } }];
}

export async function collectionOf(file) {
  const text = readFileSync(file, "utf8");
  const operations = operationsOf(JSON.parse(text));
  const collection = await convert(text);
  const items = allItems(collection.item).map((item) => ({ item, operation: operationOf(item, operations) }));
  const missing = operations.filter((operation) => !items.some((one) => one.operation === operation));
  if (missing.length > 0 || items.some((one) => !one.operation))
    throw new Error(`not in the collection: ${missing.map((one) => one.id).join(", ")}`);
  for (const { item, operation } of items) {
    item.name = operation.id;
    item.event = script(operation);
    fillIn(item, operation, makerOf(operation, operations));
  }
  items.sort((a, b) => rank(a.operation, operations) - rank(b.operation, operations));
  collection.item = items.map((one) => one.item);
  collection.variable = [{ key: "baseUrl", value: "http://localhost:8080" }];
  return collection;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [document, file] = process.argv.slice(2);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(await collectionOf(document), null, 2)}\n`);
  console.log(file);
}
