// Runs the Postman collection of the document, whole, against a gateway with an empty database.
//
//     node postman_test.mjs BASE_URL DOCUMENT
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import newman from "newman";
import { collectionOf } from "./postman.mjs";

const [base, document] = process.argv.slice(2);
const collection = await collectionOf(document);

function run() {
  return new Promise((resolve, reject) =>
    newman.run(
      { collection, envVar: [{ key: "baseUrl", value: base }], reporters: [], timeoutRequest: 60_000 },
      (error, summary) => (error ? reject(error) : resolve(summary.run)),
    ),
  );
}

const { executions, failures } = await run();
for (const { item, response } of executions)
  console.log(`${item.name} ${response?.code} ${response?.responseTime} ms`);
for (const { source, error, at } of failures) console.log(`FAILED ${source?.name} ${at}: ${error.message}`);

const operations = Object.values(JSON.parse(readFileSync(document, "utf8")).paths).flatMap(Object.keys);
assert.equal(failures.length, 0);
assert.equal(executions.length, operations.length);
console.log(`ok ${executions.length} requests`);
