// Runs the Postman collection of the document, whole, against a gateway with an empty database.
//
//     ADMIN_PASSWORD=... node postman_test.mjs BASE_URL DOCUMENT
//
// Twice: what one run makes must not be in the next one's way.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import newman from "newman";
import { collectionOf } from "./postman.mjs";

const [base, document] = process.argv.slice(2);
const collection = await collectionOf(document);

const variables = { baseUrl: base, password: process.env.ADMIN_PASSWORD };
const envVar = Object.entries(variables).map(([key, value]) => ({ key, value }));

function run() {
  return new Promise((resolve, reject) =>
    newman.run({ collection, envVar, reporters: [], timeoutRequest: 60_000 }, (error, summary) =>
      error ? reject(error) : resolve(summary.run),
    ),
  );
}

async function runAndCheck() {
  const { executions, failures } = await run();
  for (const { item, response } of executions)
    console.log(`${item.name} ${response?.code} ${response?.responseTime} ms`);
  for (const { source, error, at } of failures) console.log(`FAILED ${source?.name} ${at}: ${error.message}`);
  assert.equal(failures.length, 0);
  return new Set(executions.map(({ item }) => item.name));
}

const names = await runAndCheck();
const { paths } = JSON.parse(readFileSync(document, "utf8"));
for (const { operationId } of Object.values(paths).flatMap(Object.values)) assert.ok(names.has(operationId), operationId);
await runAndCheck();
console.log(`ok ${names.size} requests, twice`);
