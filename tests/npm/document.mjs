// An OpenAPI document of ours, 3.1 or 3.0.3, as something to hold answers against.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const isObject = (value) => typeof value === "object" && value !== null;

// Calls `visit` with every object in the value.
function walk(value, visit) {
  if (!isObject(value)) return;
  if (!Array.isArray(value)) visit(value);
  for (const member of Object.values(value)) walk(member, visit);
}

// The schemas that stand for a part of an object only: those below allOf, anyOf, oneOf.
function partialSchemas(document) {
  const names = new Set();
  walk(document, (object) => {
    for (const one of [...(object.allOf ?? []), ...(object.anyOf ?? []), ...(object.oneOf ?? [])])
      if (one.$ref) names.add(one.$ref.split("/").pop());
  });
  return names;
}

// Answers may grow for clients; here whatever is not written down is a mistake.
function close(document) {
  const partial = partialSchemas(document);
  for (const [name, schema] of Object.entries(document.components.schemas))
    if (schema.properties && schema.additionalProperties === undefined && !partial.has(name))
      schema.unevaluatedProperties = false;
  for (const verbs of Object.values(document.paths))
    for (const operation of Object.values(verbs))
      for (const response of Object.values(operation.responses))
        for (const content of Object.values(response.content ?? {}))
          if (content.schema?.allOf || (content.schema?.properties && content.schema.additionalProperties === undefined))
            content.schema.unevaluatedProperties = false;
}

const escapePointer = (text) => text.replace(/~/g, "~0").replace(/\//g, "~1");

// One operation: where it is in the document, and what it answers.
class Operation {
  constructor(document, path, verb, definition) {
    Object.assign(this, { document, path, verb, definition });
    this.segments = path.split("/").slice(1);
  }

  matches(segments) {
    return (
      segments.length === this.segments.length &&
      this.segments.every((own, i) => (own[0] === "{" ? segments[i] !== "" : own === segments[i]))
    );
  }

  // Literals beat variables from left to right.
  get rank() {
    return this.segments.map((segment) => (segment[0] === "{" ? "1" : "0")).join("");
  }

  response(status) {
    const definition = this.definition.responses[status];
    return definition && { definition, pointer: ["paths", this.path, this.verb, "responses", String(status)] };
  }
}

export class Document {
  constructor(file) {
    this.file = file;
    this.json = JSON.parse(readFileSync(file, "utf8"));
    close(this.json);
    // `nullable` of 3.0 is known to ajv; what else is no JSON Schema means nothing to it.
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
    addFormats(this.ajv);
    this.ajv.addSchema(this.json, "document");
    this.validators = new Map();
    this.operations = Object.entries(this.json.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, definition]) => new Operation(this, path, verb, definition)),
    );
    this.operations.sort((a, b) => a.rank.localeCompare(b.rank));
  }

  // The operations at a path; those of the most specific template that has one.
  at(path) {
    const segments = path.split("/").slice(1).map(decodeURIComponent);
    const found = this.operations.filter((operation) => operation.matches(segments));
    return found.filter((operation) => operation.rank === found[0].rank);
  }

  // What is wrong with the value, as text; null: nothing. `pointer` leads to the schema.
  complaint(pointer, value) {
    const key = pointer.map(escapePointer).map(encodeURIComponent).join("/");
    if (!this.validators.has(key))
      this.validators.set(key, this.ajv.compile({ $ref: `document#/${key}` }));
    const validate = this.validators.get(key);
    return validate(value) ? null : this.ajv.errorsText(validate.errors, { separator: "; " });
  }

  resolve(object) {
    if (!object.$ref) return object;
    return object.$ref
      .split("/")
      .slice(1)
      .reduce((value, name) => value[name], this.json);
  }
}
