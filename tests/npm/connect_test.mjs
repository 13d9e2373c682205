// Connect and gRPC-Web as clients that nobody here wrote speak them: connect-node, connect-web and
// `buf curl`, with types made of /descriptor.binpb while this runs.
//
//     DEPOT_TOKEN=... node connect_test.mjs http://127.0.0.1:8080
//
// Prints a line for everything that was seen to work and "all is well" at the end; exit code 1 with
// the reason otherwise.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as diagnostics from "node:diagnostics_channel";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createRegistryFromDescriptors, Empty, MethodKind, Timestamp } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";

const base = process.argv[2];
const authorization = { Authorization: `Bearer ${process.env.DEPOT_TOKEN}` };
const serviceName = "depot.inventory.v1.InventoryService";
const accountsName = "depot.accounts.v1.AccountsService";
const descriptor = new Uint8Array(await (await fetch(`${base}/descriptor.binpb`)).arrayBuffer());
const registry = createRegistryFromDescriptors(descriptor);
const Service = registry.findService(serviceName);
const Accounts = registry.findService(accountsName);
const ErrorInfo = registry.findMessage("depot.rpc.v1.ErrorInfo");
const AllocationOverlap = registry.findMessage("depot.inventory.v1.AllocationOverlap");

const at = (text) => Timestamp.fromDate(new Date(text));
const nobody = "01890000-0000-7000-8000-000000000000";
let names = 0;
const newName = (who) => `${who} ${++names}`;

function saw(what) {
  console.log(`ok ${what}`);
}

/** The ConnectError with which the call fails, which must have this code and reason. */
async function failure(call, code, reason) {
  const error = await call.then(
    () => assert.fail(`${reason} was expected`),
    (e) => e,
  );
  assert.ok(error instanceof ConnectError, String(error));
  assert.equal(Code[error.code], Code[code], error.message);
  const [info] = error.findDetails(ErrorInfo);
  assert.equal(info?.reason, reason, error.message);
  assert.ok(info.requestId !== "");
  return { error, info };
}

// --- the clients of npm -----------------------------------------------------------------------

/** The verbs of requests that were sent, by the last segment of their path. */
const verbs = new Map();
const record = (verb, path) => verbs.set(new URL(path, base).pathname.split("/").pop(), verb);
diagnostics.subscribe("http.client.request.start", ({ request }) =>
  record(request.method, request.path));

function recordingFetch(input, init) {
  record(init.method, String(input));
  return fetch(input, init);
}

const authorize = (next) => (request) => {
  request.header.set("Authorization", authorization.Authorization);
  return next(request);
};

function transports() {
  const made = [];
  const libraries = [
    ["connect-node", node, { httpVersion: "1.1" }],
    ["connect-web", web, { fetch: recordingFetch }],
  ];
  for (const [library, from, options] of libraries) {
    for (const useBinaryFormat of [false, true]) {
      const format = useBinaryFormat ? "proto" : "JSON";
      const add = (name, create, useHttpGet) => {
        const through = (interceptors) =>
          create({ baseUrl: base, useBinaryFormat, useHttpGet, interceptors, ...options });
        made.push({
          name: `${library}, ${name}`, transport: through([authorize]), nobodys: through([]),
          verb: useHttpGet ? "GET" : "POST",
        });
      };
      add(`Connect, ${format}`, from.createConnectTransport, false);
      add(`Connect, ${format}, GET`, from.createConnectTransport, true);
      add(`gRPC-Web, ${format}`, from.createGrpcWebTransport, false);
    }
  }
  return made;
}

async function book(client, who) {
  const name = newName(who);
  const car = await client.createResource({
    type: "cars",
    resource: { name, attributes: { colour: "gr\u00fcn", seats: "4" } },
  });
  assert.match(car.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(car.attributes, { colour: "gr\u00fcn", seats: "4" });
  assert.ok(car.createTime.toDate() <= new Date(Date.now() + 60000));
  assert.deepEqual(await client.getResource({ type: "cars", id: car.id }), car);
  await failure(client.createResource({ type: "cars", resource: { name } }),
                Code.AlreadyExists, "NAME_TAKEN");
  const period = { startTime: at("2030-05-01T09:00:00Z"), endTime: at("2030-05-02T09:00:00Z") };
  const allocation = await client.createAllocation({
    type: "cars", resourceId: car.id, allocation: { ...period, description: "to the sea" },
  });
  assert.equal(allocation.kind, 1); // BOOKING
  assert.deepEqual(allocation.startTime, period.startTime);
  const list = await client.listAllocations({ type: "cars", resourceId: car.id });
  assert.deepEqual(list.allocations, [allocation]);
  return { car, allocation, period };
}

async function conflict(client, { car, period }) {
  const { error } = await failure(
    client.createAllocation({
      type: "cars", resourceId: car.id, allocation: { startTime: at("2030-05-01T12:00:00Z") },
    }),
    Code.Aborted, "ALLOCATION_OVERLAP");
  const [overlap] = error.findDetails(AllocationOverlap);
  assert.equal(overlap.conflicts.length, 1);
  assert.deepEqual(overlap.conflicts[0].startTime, period.startTime);
  assert.deepEqual(overlap.nextAvailable, period.endTime);
}

async function violations(client) {
  const { info } = await failure(
    client.createResource({ type: "cars", resource: { description: "x".repeat(1001) } }),
    Code.InvalidArgument, "VALIDATION_FAILED");
  assert.deepEqual(
    info.violations.map((v) => `${v.field} ${v.reason}`).sort(),
    ["/resource/description TOO_LONG", "/resource/name REQUIRED"]);
}

async function keys(client, who) {
  const headers = { "Idempotency-Key": newName(who) };
  const request = { type: "cars", resource: { name: newName(who) } };
  const replayed = [];
  const onHeader = (h) => replayed.push(h.get("Idempotent-Replayed"));
  const first = await client.createResource(request, { headers, onHeader });
  const second = await client.createResource(request, { headers, onHeader });
  assert.deepEqual(first, second);
  assert.deepEqual(replayed, [null, "true"]);
}

/** The token is refused before long: whoever verifies it asks every 250 ms what was revoked. */
async function endsSoon(client, options) {
  const deadline = Date.now() + 5000;
  while (await client.getMe({}, options).then(() => true, () => false)) {
    assert.ok(Date.now() < deadline, "the token is still good");
  }
  await failure(client.getMe({}, options), Code.Unauthenticated, "TOKEN_REVOKED");
}

/** Somebody registers, logs in, loses an answer, and logs out. */
async function session(transport, who) {
  const client = createClient(Accounts, transport);
  const username = newName(who).replace(/\W+/g, "-");
  const password = "a client from npm";
  const as = ({ accessToken }) => ({ headers: { Authorization: `Bearer ${accessToken}` } });
  const user = await client.registerUser({ username, email: `${username}@example.org`, password });
  await failure(client.getMe({}), Code.Unauthenticated, "TOKEN_MISSING");
  await failure(client.login({ username, password: "not this one" }),
                Code.Unauthenticated, "LOGIN_FAILED");
  const first = await client.login({ username, password });
  assert.equal((await client.getMe({}, as(first))).id, user.id);
  const second = await client.refresh({ refreshToken: first.refreshToken });
  const again = await client.refresh({ refreshToken: first.refreshToken });
  assert.equal(again.refreshToken, second.refreshToken);
  await failure(
    createClient(Service, transport).createResource({ type: "cars", resource: { name: who } },
                                                    as(second)),
    Code.PermissionDenied, "NOT_ALLOWED");
  await client.logout({}, as(second));
  await endsSoon(client, as(second));
  await failure(client.refresh({ refreshToken: second.refreshToken }),
                Code.Unauthenticated, "REFRESH_FAILED");
}

async function unknownMethod(transport) {
  const other = {
    typeName: serviceName,
    methods: { launch: { name: "Launch", I: Empty, O: Empty, kind: MethodKind.Unary } },
  };
  await failure(createClient(other, transport).launch({}), Code.Unimplemented, "METHOD_UNKNOWN");
  other.typeName = "depot.space.v1.RocketService";
  const error = await createClient(other, transport).launch({}).catch((e) => e);
  assert.equal(error.code, Code.Unimplemented, String(error));
}

/** An answer large enough to be compressed for those who take it. */
async function large(client, { car }) {
  for (let i = 0; i < 4; i++) {
    await client.createAllocation({
      type: "cars", resourceId: car.id,
      allocation: {
        startTime: at(`203${i + 1}-01-01T00:00:00Z`), endTime: at(`203${i + 1}-01-02T00:00:00Z`),
        kind: 2, description: "\u00fc".repeat(500),
      },
    });
  }
  const list = await client.listAllocations({
    type: "cars", resourceId: car.id, startTime: at("2031-01-01T00:00:00Z"),
  });
  assert.equal(list.allocations.length, 4);
  assert.ok(list.allocations.every((a) => a.description === "\u00fc".repeat(500)));
}

async function run({ name, transport, nobodys, verb }) {
  const client = createClient(Service, transport);
  await session(nobodys, name);
  const booked = await book(client, name);
  await conflict(client, booked);
  await large(client, booked);
  await violations(client);
  await keys(client, name);
  await failure(client.getResource({ type: "cars", id: nobody }),
                Code.NotFound, "RESOURCE_NOT_FOUND");
  await failure(client.listResources({ type: "planes" }), Code.NotFound, "RESOURCE_TYPE_UNKNOWN");
  const request = { type: "cars", resourceId: booked.car.id, id: booked.allocation.id };
  assert.ok((await client.deleteAllocation(request)) !== undefined);
  await failure(client.deleteAllocation(request), Code.NotFound, "RESOURCE_NOT_FOUND");
  const { error } = await failure(
    client.getResource({ type: "cars", id: nobody }, { headers: { "X-Request-Id": "my id" } }),
    Code.NotFound, "RESOURCE_NOT_FOUND");
  assert.equal(error.metadata.get("X-Request-Id"), "my id");
  assert.equal(error.findDetails(ErrorInfo)[0].requestId, "my id");
  await unknownMethod(transport);
  assert.equal(verbs.get("GetResource"), verb);
  assert.equal(verbs.get("CreateResource"), "POST");
  saw(name);
}

// --- what these clients do not do: by hand ------------------------------------------------------

const url = (method) => `${base}/${serviceName}/${method}`;

async function byHand() {
  const json = { "Content-Type": "application/json", ...authorization };
  const post = (method, headers, body) =>
    fetch(url(method), { method: "POST", headers: { ...json, ...headers }, body });

  let response = await post("ListResources", { "Connect-Timeout-Ms": "0" }, '{"type":"cars"}');
  assert.equal(response.status, 504);
  assert.equal((await response.json()).code, "deadline_exceeded");
  response = await post("ListResources", { "Content-Encoding": "gzip" }, '{"type":"cars"}');
  assert.equal(response.status, 501);
  assert.equal((await response.json()).code, "unimplemented");
  response = await post("ListResources", { "Connect-Protocol-Version": "2" }, '{"type":"cars"}');
  assert.equal(response.status, 400);
  response = await post("ListResources", { "Content-Type": "text/plain" }, '{"type":"cars"}');
  assert.equal(response.status, 415);
  assert.match(response.headers.get("Accept-Post"), /application\/proto/);
  response = await post("ListResources", {}, '{"type":"cars","colour":"red"}');
  const { code, details: [{ debug }] } = await response.json();
  assert.equal(code, "invalid_argument");
  assert.equal(debug.reason, "UNKNOWN_FIELD");
  const get = (path) => fetch(path, { headers: authorization });
  response = await get(url("CreateResource") + "?encoding=json&message=%7B%7D");
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "OPTIONS, POST");
  const message = encodeURIComponent('{"type":"cars","pageSize":1}');
  response = await get(url("ListResources") + `?encoding=json&message=${message}`);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).resources.length, 1);
  response = await fetch(url("ListResources") + `?encoding=json&message=${message}`);
  assert.equal(response.status, 401);
  assert.match(response.headers.get("WWW-Authenticate"), /^Bearer /);
  assert.equal((await response.json()).code, "unauthenticated");
  saw("Connect by hand");
}

/** Frames of an answer: [flags, text]. */
function frames(bytes) {
  const found = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes.readUInt32BE(offset + 1);
    found.push([bytes[offset], bytes.subarray(offset + 5, offset + 5 + length).toString()]);
    offset += 5 + length;
  }
  return found;
}

async function grpcWebByHand() {
  const text = '{"type":"cars"}';
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, text.length]), Buffer.from(text)]);
  const send = async (type, headers, body) => {
    const response = await fetch(url("ListResources"), {
      method: "POST", headers: { "Content-Type": type, ...authorization, ...headers }, body,
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("Content-Type"), type);
    return Buffer.from(await response.arrayBuffer());
  };
  const json = "application/grpc-web+json";

  let answer = frames(await send(json, {}, frame));
  assert.deepEqual(answer.map(([flags]) => flags), [0, 0x80]);
  assert.ok(JSON.parse(answer[0][1]).resources.length > 0);
  assert.match(answer[1][1], /^grpc-status: 0\r\n/);
  for (const [headers, body, status] of [
    [{ "grpc-timeout": "0m" }, frame, 4],
    [{ "grpc-encoding": "gzip" }, frame, 12],
    [{}, frame.subarray(0, 9), 3],
    [{}, Buffer.concat([frame, frame]), 3],
    [{}, Buffer.alloc(0), 3],
    [{}, Buffer.alloc(70000), 3],
  ]) {
    answer = frames(await send(json, headers, body));
    assert.equal(answer.length, 1);
    assert.equal(answer[0][0], 0x80);
    assert.match(answer[0][1], new RegExp(`^grpc-status: ${status}\r\ngrpc-message: `));
  }
  const packed = Buffer.from([0, 0, 0, 0, 6, 0x0a, 4, ...Buffer.from("cars")]).toString("base64");
  answer = await send("application/grpc-web-text", {}, packed);
  answer = frames(Buffer.from(answer.toString(), "base64"));
  assert.deepEqual(answer.map(([flags]) => flags), [0, 0x80]);
  saw("gRPC-Web by hand");
}

// --- buf curl ---------------------------------------------------------------------------------

const buf = join(dirname(fileURLToPath(import.meta.url)), "node_modules/.bin/buf");

/** Runs `buf curl`; its exit code is the code of the error times eight. */
function curl(schema, protocol, method, request, headers = authorization) {
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const args = ["curl", "--schema", schema, "--protocol", protocol, "-d", JSON.stringify(request),
                ...fields, url(method)];
  return new Promise((resolve) => {
    execFile(buf, args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code / 8, stdout, stderr });
    });
  });
}

/** The details of the error that `buf curl` prints, unpacked. */
function details(stderr) {
  return JSON.parse(stderr).details.map(({ type, value }) =>
    registry.findMessage(type).fromBinary(Buffer.from(value, "base64")));
}

async function bufCurl(schema, protocol) {
  const request = { type: "cars", resource: { name: newName(`buf ${protocol}`) } };
  const made = await curl(schema, protocol, "CreateResource", request);
  assert.equal(made.code, 0, made.stderr);
  const car = JSON.parse(made.stdout);
  assert.equal(car.name, request.resource.name);
  const taken = await curl(schema, protocol, "CreateResource", request);
  assert.equal(taken.code, Code.AlreadyExists, taken.stderr);
  assert.equal(details(taken.stderr)[0].reason, "NAME_TAKEN");
  const booking = { type: "cars", resourceId: car.id, allocation: { unbounded: true } };
  const booked = await curl(schema, protocol, "CreateAllocation", booking);
  assert.equal(booked.code, 0, booked.stderr);
  const overlap = await curl(schema, protocol, "CreateAllocation", booking);
  assert.equal(overlap.code, Code.Aborted, overlap.stderr);
  assert.equal(details(overlap.stderr)[1].conflicts.length, 1);
  const listed = await curl(schema, protocol, "ListAllocations",
                            { type: "cars", resourceId: car.id });
  assert.equal(JSON.parse(listed.stdout).allocations.length, 1);
  const unknown = await curl(schema, protocol, "CreateResource", request, {});
  assert.equal(unknown.code, Code.Unauthenticated, unknown.stderr);
  assert.equal(details(unknown.stderr)[0].reason, "TOKEN_MISSING");
  saw(`buf curl, ${protocol}`);
}

const folder = await mkdtemp(join(tmpdir(), "depot-connect-"));
try {
  for (const transport of transports()) {
    await run(transport);
  }
  await byHand();
  await grpcWebByHand();
  const schema = join(folder, "descriptor.binpb");
  await writeFile(schema, descriptor);
  await bufCurl(schema, "connect");
  await bufCurl(schema, "grpcweb");
  console.log("all is well");
} catch (error) {
  console.log(error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}
