// The console pages as people use them.
"use strict";

const assert = require("node:assert/strict");
const { mkdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { after, afterEach, before, describe, it } = require("node:test");
const { ALICE, BOB, DEV, PAGES, PROD, TOKENS, World } = require("./world.js");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let world;
const open = [];

before(async () => {
  world = await World.start();
  await world.revoke(ALICE, [PROD], "left the company");
  await world.revoke(ALICE, [DEV], "left the company");
  await world.revoke(BOB, [PROD], "moved to another team");
});

after(() => world.stop());

afterEach(async () => {
  for (const page of open.splice(0)) {
    await page.context().close();
    assert.deepEqual(page.complaints, [], "the browser has nothing to complain of");
  }
});

async function as(name, options) {
  const page = await world.as(name, options);
  open.push(page);
  return page;
}

describe("signing in", () => {
  it("leads to the wanted page, keeps the token out of the address, and ends with signing out", async () => {
    const page = await world.open();
    open.push(page);
    await page.goto("/held");
    await page.getByLabel("Token").fill("not a token");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("not known here").waitFor();
    await page.getByLabel("Token").fill(TOKENS.anna.token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Held", level: 1 }).waitFor();
    assert.equal(page.url(), `${world.url}/held`);
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Strict", "/"]);
    assert.ok(!JSON.stringify(cookie).includes(TOKENS.anna.token));
    assert.ok(cookie.expires > Date.now() / 1000 + 7 * 3600, "it ends by itself");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("/sign-in");
    assert.equal((await page.context().cookies()).length, 0);
    assert.equal((await page.goto("/held")).status(), 401);
  });
});

describe("keys", () => {
  it("lead to pages, to the search and to their list", async () => {
    const page = await as("vera");
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL("/clusters");
    await page.keyboard.press("/");
    await page.locator("[data-search]:focus").waitFor();
    await page.keyboard.type("g c?");
    assert.equal(await page.locator("[data-search]").inputValue(), "g c?", "who types is typing");
    await page.locator("h1").click();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await page.waitForURL("/held");
  });

  it("reach the content past the navigation", async () => {
    const page = await as("vera");
    await page.keyboard.press("Tab");
    assert.equal(await page.locator(":focus").innerText(), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "main");
  });
});

describe("times", () => {
  it("are those of the viewer, with UTC on hover", async () => {
    const page = await as("vera", { timezoneId: "Asia/Shanghai" });
    await page.goto("/history");
    const time = page.locator("time").first();
    const at = new Date(await time.getAttribute("datetime"));
    const local = new Date(at.getTime() + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " ");
    assert.equal(await time.innerText(), local);
    assert.equal(await time.getAttribute("title"), `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`);
    await page.getByText("Times are those of Asia/Shanghai").waitFor();
  });
});

describe("the history", () => {
  it("is searched by a form, and the address holds the filter", async () => {
    const page = await as("vera");
    await page.goto("/");
    await page.keyboard.press("/");
    await page.keyboard.type("actor:olga type:RevocationRequested");
    await page.keyboard.press("Enter");
    await page.getByText("3 events on this page").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("q"), "actor:olga type:RevocationRequested");
    const other = await as("vera");
    await other.goto(page.url());
    assert.equal(await other.locator(".events tbody tr").count(), 3, "the address alone finds the same");
    await other.getByRole("link", { name: "bob in prod" }).click();
    await other.getByRole("heading", { name: "bob in prod" }).waitFor();
  });
});

describe("a query that cannot be read", () => {
  it("is told beside the form, which keeps it", async () => {
    const page = await as("vera");
    await page.goto("/history");
    await page.getByRole("searchbox", { name: "Query" }).fill("cluser:prod");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("alert").getByText("column 1").waitFor();
    assert.equal(await page.getByRole("searchbox", { name: "Query" }).inputValue(), "cluser:prod");
    await page.getByText("How to search").click();
    await page.getByText("about this cluster, by id or name").waitFor();
  });
});

describe("without JavaScript", () => {
  it("every page is there, and times are UTC", async () => {
    const page = await as("anna", { javaScriptEnabled: false, timezoneId: "Asia/Shanghai" });
    for (const [name, path] of Object.entries(PAGES)) {
      const response = await page.goto(path);
      assert.equal(response.status(), name === "problem" ? 404 : 200, path);
      assert.ok(await page.locator("h1").first().isVisible(), path);
    }
    await page.goto("/history");
    assert.match(await page.locator("time").first().innerText(), / UTC$/);
  });

  it("a held revocation is rejected", async () => {
    const page = await as("anna", { javaScriptEnabled: false });
    await page.goto("/held");
    const item = page.getByRole("article").filter({ hasText: "alice in dev" });
    await item.locator("summary").click();
    await item.getByLabel("Note for the history").fill("still needed until the move is done");
    await item.getByRole("button", { name: "Reject" }).click();
    await page.getByRole("status").getByText("Rejected").waitFor();
    await page.locator(".events .what", { hasText: "RevocationRejected still needed until the move is done" }).waitFor();
  });
});

describe("what people see", () => {
  for (const colorScheme of ["light", "dark"]) {
    it(`can be read by everybody, ${colorScheme}`, async () => {
      const page = await as("anna", { colorScheme, timezoneId: "UTC" });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(path);
        if (name === "held") await page.locator("summary").first().click();
        assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}`);
        if (process.env.SCREENSHOTS) await shoot(page, `${name}-${colorScheme}`);
      }
      await page.goto("/");
      await page.keyboard.press("?");
      assert.deepEqual(await violations(page), [], `keys, ${colorScheme}`);
    });
  }

  it("fits a telephone", async () => {
    const page = await as("anna", { viewport: { width: 390, height: 800 } });
    for (const path of Object.values(PAGES)) {
      await page.goto(path);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.ok(width <= 390, `${path} is ${width} wide`);
    }
  });

  it("prints without what cannot be pressed on paper", async () => {
    const page = await as("anna");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.goto("/held");
    for (const hidden of [".top nav", ".out", ".decide"]) {
      assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
    }
    assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    assert.ok(await page.getByRole("heading", { name: "bob in prod" }).isVisible());
  });
});

describe("a decision", () => {
  it("of a viewer is not offered", async () => {
    const page = await as("vera");
    await page.goto("/held");
    await page.getByText("Deciding takes the role approver").first().waitFor();
    assert.equal(await page.getByRole("button", { name: /Approve/ }).count(), 0);
  });

  it("of an approver ends the access", async () => {
    const page = await as("anna");
    await page.goto("/held");
    const item = page.getByRole("article").filter({ hasText: "bob in prod" });
    await item.locator("summary").press("Enter");
    await item.getByLabel("Note for the history").fill("asked the team");
    await item.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("status").getByText("The access is gone").waitFor();
    assert.equal(new URL(page.url()).pathname, `/clusters/${PROD}/identities/${BOB}`);
    await page.locator("h1 .badge", { hasText: "Deleted" }).waitFor();
    assert.ok(await page.locator("tr.decided").getByText("RevocationConfirmed").isVisible());
    await page.goBack();
    await page.reload();
    assert.equal(await page.getByRole("article").filter({ hasText: "bob in prod" }).count(), 0);
  });
});

/** What axe finds, each in a line. The policy of the page keeps scripts of others out of it, not out of its debugger. */
async function violations(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((levels) => axe.run(document, { runOnly: levels }), LEVELS);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any.map((check) => check.message).join("; ")}`));
}

async function shoot(page, name) {
  mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
}
