// The page /docs in Chromium, as a person uses it: is refused as nobody, logs in with "Try it out",
// gives "Authorize" the token, adds a car, books it, and looks that the page asked nobody else for
// anything and did nothing that its policy forbids.
//
//     ADMIN_PASSWORD=... node browser_test.mjs BASE_URL [FOLDER-FOR-SCREENSHOTS]
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [base, screenshots] = process.argv.slice(2);
const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", // tests may run as root, in containers
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const WAIT_MS = 60_000;

const profile = mkdtempSync(join(tmpdir(), "depot-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: PROGRAM,
  args: FLAGS,
  viewport: { width: 1280, height: 1000 },
});
context.setDefaultTimeout(WAIT_MS);

// What must not happen, gathered while the page is used.
const strangers = [];
const violations = [];
const complaints = [];

async function open(path) {
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${base}/`) && !url.startsWith("data:")) strangers.push(url);
  });
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.exposeFunction("tellViolation", (text) => violations.push(text));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      window.tellViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`),
    ),
  );
  const response = await page.goto(`${base}${path}`);
  assert.equal(response.status(), 200, path);
  return page;
}

async function screenshot(page, name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

// Opens an operation and "Try it out", fills in, executes; returns what the page shows as answer.
// Leaves the operation as it was.
async function tryOut(page, tag, id, parameters, body) {
  const block = page.locator(`#operations-${tag}-${id}`);
  await block.locator(".opblock-summary-control").click();
  await block.getByRole("button", { name: "Try it out" }).click();
  for (const [name, value] of Object.entries(parameters))
    await block.locator(`tr[data-param-name="${name}"] input`).fill(value);
  if (body) await block.locator("textarea.body-param__text").fill(JSON.stringify(body));
  await block.getByRole("button", { name: "Execute" }).click();
  const answer = block.locator(".live-responses-table .response").first();
  await answer.waitFor();
  await answer.scrollIntoViewIfNeeded();
  const status = Number(await answer.locator(".response-col_status").innerText());
  const content = await answer.locator(".highlight-code code").first().innerText();
  await screenshot(page, `${id}-${status}`);
  await block.getByRole("button", { name: "Clear" }).click();
  await block.getByRole("button", { name: "Cancel" }).click();
  await block.locator(".opblock-summary-control").click();
  return { status, body: JSON.parse(content) };
}

// The dialogue behind the lock: the token goes to the scheme "bearer".
async function authorize(page, token) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const form = page.locator(".auth-container", { hasText: "(http, Bearer)" });
  await form.locator("input").fill(token);
  await screenshot(page, "authorize");
  await form.getByRole("button", { name: "Apply credentials" }).click();
  await form.getByRole("button", { name: "Remove authorization" }).waitFor();
  await screenshot(page, "authorized");
  await form.getByRole("button", { name: "Close" }).click();
}

async function get(path, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(`${base}${path}`, { headers });
  assert.equal(response.status, 200, path);
  return response.json();
}

async function testHome() {
  const page = await open("/");
  await screenshot(page, "home");
  await page.getByRole("link", { name: "/docs" }).click();
  await page.locator(".opblock").first().waitFor();
  await page.close();
  console.log("ok the page at / leads to /docs");
}

async function testEveryOperation() {
  const page = await open("/docs");
  const document = await get("/openapi.json");
  const operations = Object.values(document.paths).flatMap((verbs) => Object.keys(verbs));
  await page.locator(".opblock").first().waitFor();
  await screenshot(page, "docs");
  assert.equal(await page.locator(".opblock").count(), operations.length);
  await page.close();
  console.log(`ok /docs shows all ${operations.length} operations`);
}

async function testRefusal(page, car) {
  const refused = await tryOut(page, "inventory", "CreateResource", {}, car);
  assert.equal(refused.status, 401);
  assert.equal(refused.body.reason, "TOKEN_MISSING");
  // The browser says of every answer such as this one that it could not load the resource.
  assert.match(complaints.splice(0).join(), /^Failed to load resource: [^,]* 401 [^,]*$/);
  console.log("ok nobody is refused");
}

async function testLogin(page) {
  const password = process.env.ADMIN_PASSWORD;
  const login = await tryOut(page, "accounts", "Login", {}, { username: "admin", password });
  assert.equal(login.status, 200);
  await authorize(page, login.body.accessToken);
  console.log("ok the token of a login is taken");
  return login.body.accessToken;
}

async function testBooking(page, token, { name, attributes }) {
  const car = await tryOut(page, "inventory", "CreateResource", {}, { name, attributes });
  assert.equal(car.status, 201);
  assert.equal(car.body.type, "cars");
  const period = { startTime: "2030-05-01T09:00:00Z", endTime: "2030-05-02T09:00:00Z" };
  const booking = await tryOut(page, "inventory", "CreateAllocation", { resourceId: car.body.id }, period);
  assert.equal(booking.status, 201);
  const kept = await get(`/v1/cars/${car.body.id}/allocations/${booking.body.id}`, token);
  assert.deepEqual(kept, booking.body);
  assert.equal(kept.startTime, period.startTime);
  const list = await tryOut(page, "inventory", "ListAllocations", { resourceId: car.body.id });
  assert.deepEqual(list.body.allocations, [kept]);
  console.log("ok a car was added and booked");
}

async function testOperations() {
  const page = await open("/docs");
  const car = { name: `Beetle ${Date.now()}`, attributes: { seats: "4" } };
  await testRefusal(page, car);
  const token = await testLogin(page);
  await testBooking(page, token, car);
  await page.close();
}

try {
  await testHome();
  await testEveryOperation();
  await testOperations();
  assert.deepEqual(violations, [], "violations of the content security policy");
  assert.deepEqual(strangers, [], "requests to others");
  assert.deepEqual(complaints, [], "errors in the console");
  console.log("ok no violation of the policy, no request to others, no error");
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
