// `reaper serve` on an emulated cloud of its own, and a browser that looks at it.
"use strict";

const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { chromium } = require("playwright-core");

const TOKENS = {
  vera: { role: "viewer", token: "a-token-of-vera" },
  olga: { role: "operator", token: "a-token-of-olga" },
  anna: { role: "approver", token: "a-token-of-anna" },
};

const PROD = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const BATCH = "c1b2c3d4e5f60718293a4b5c6d7e8f9a0";
const DEV = "c2c3d4e5f60718293a4b5c6d7e8f9a0b1";
const ALICE = "200000000000000101";
const BOB = "200000000000000102";
const DAVE = "200000000000000104";

// Chromium calls its maker at every start otherwise.
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];

class World {
  static async start() {
    const world = new World();
    world.folder = mkdtempSync(join(tmpdir(), "reaper-browser-"));
    const key = join(world.folder, "reaper.key");
    await finished(spawn(process.env.REAPER, ["key", "generate", "reaper.test"], {
      cwd: world.folder, env: { PATH: process.env.PATH, REAPER_SEAL_KEY_PATH: key }, stdio: "ignore",
    }));
    const entries = Object.entries(TOKENS).map(([name, { role, token }]) =>
      `${name}:${role}:${createHash("sha256").update(token).digest("hex")}`);
    world.process = spawn(process.env.REAPER, ["serve", "--emulated", "--listen", "127.0.0.1:0"], {
      cwd: world.folder,
      env: { PATH: process.env.PATH, REAPER_API_TOKENS: entries.join(","), REAPER_SEAL_KEY_PATH: key },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [first, swept] = [line(world.process.stdout, /listening on (\S+?),/), line(world.process.stderr, /"sweep done"/)];
    world.url = (await first)[1];
    await swept;
    world.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: QUIET });
    return world;
  }

  /** Ends a person's access over HTTP, as olga. Answers the outcomes. */
  async revoke(uid, clusters, reason) {
    const response = await fetch(`${this.url}/v1/revocations`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKENS.olga.token}`, "content-type": "application/json" },
      body: JSON.stringify({ uid, clusters, reason }),
    });
    return (await response.json()).outcomes;
  }

  /** A window whose browser complains of nothing: what it logs and what it cannot load is kept. */
  async open(options = {}) {
    const context = await this.browser.newContext({ baseURL: this.url, viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.complaints = [];
    page.on("console", (message) => {
      // Pages that ask to sign in, or say what is wrong, are answered with such a status.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) page.complaints.push(message.text());
    });
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("requestfailed", (request) => {
      // Who goes on to the next page lets go of what the last one was still loading.
      const { errorText } = request.failure();
      if (errorText !== "net::ERR_ABORTED") page.complaints.push(`${request.url()}: ${errorText}`);
    });
    return page;
  }

  /** The same, signed in. */
  async as(name, options) {
    const page = await this.open(options);
    await page.goto("/sign-in");
    await page.getByLabel("Token").fill(TOKENS[name].token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("/");
    return page;
  }

  async stop() {
    await this.browser?.close();
    const ended = finished(this.process);
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

/** The first line that fits. What comes after it is read and dropped, so that the process does not wait for us. */
function line(stream, pattern) {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stream });
    lines.on("line", (text) => { const found = pattern.exec(text); if (found) resolve(found); });
    lines.on("close", () => reject(new Error(`it ended without ${pattern}`)));
  });
}

function finished(process) {
  return new Promise((resolve) => process.once("exit", resolve));
}

/** Every page, by name. */
const PAGES = {
  overview: "/",
  clusters: "/clusters",
  cluster: `/clusters/${PROD}`,
  identities: "/identities",
  identity: `/identities/${ALICE}`,
  leftovers: "/leftovers",
  held: "/held",
  pair: `/clusters/${PROD}/identities/${BOB}`,
  "pair-deleted": `/clusters/${PROD}/identities/${ALICE}`,
  history: "/history?q=kind:kubeconfig&limit=12",
  help: "/help",
  "sign-in": "/sign-in",
  problem: "/clusters/c-nobody-knows",
};

module.exports = { ALICE, BATCH, BOB, DAVE, DEV, PAGES, PROD, TOKENS, World };
