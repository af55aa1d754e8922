// The real server over HTTP, a host page beside it on one origin, and a headless Chromium that shows both.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const TOOLS = process.env.VIEW_TOOLS ?? join(ROOT, ".tools", "view");
const SERVER = process.env.VIEW_SERVER ?? join(ROOT, ".venv", "bin", "conversation-mcp");
const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const required = createRequire(join(TOOLS, "package.json"));
const tool = async (name) => import(pathToFileURL(required.resolve(name)).href);

export const PRIYA = "https://www.linkedin.com/in/priya-raman-norbury";
export const ROBIN = "https://www.linkedin.com/in/robin-vance-infosec";

/** Everything that the tests of one file need; `close` ends it. */
export async function start() {
  const server = await startServer();
  const calls = [];
  const names = [];
  const site = await startSite(server.port, await bundleHost(), (params) => {
    calls.push(params.arguments);
    names.push(params.name);
  });
  const profile = mkdtempSync(join(tmpdir(), "view-"));
  const { default: puppeteer } = await tool("puppeteer-core");
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM.find((path) => path && existsSync(path)),
    userDataDir: profile,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"],
  });
  return {
    calls,
    names,
    axe: readFileSync(required.resolve("axe-core/axe.min.js"), "utf8"),
    open: (options) => openView(browser, site.port, options),
    async close() {
      await browser.close();
      site.close();
      server.process.kill();
      await once(server.process, "exit");
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

export const shown = () => document.body.classList.contains("ready");

/** A view on `stage` that has drawn its answer, unless it is `unready`. */
export async function opened(stage, options) {
  const view = await stage.open(options);
  if (!options.unready) await view.until(shown);
  return view;
}

/** What every view must be, whatever it shows: nothing went out, nothing was refused, nothing failed. */
export async function assertQuiet(view) {
  assert.deepEqual(view.outside(), []);
  assert.deepEqual(await view.violations(), []);
  // The client's own question whether the server keeps a stream open is answered by 405, which a browser reports.
  assert.deepEqual(view.errors.filter((error) => !error.includes("405")), []);
}

export const messages = (view) =>
  view.frame.$$eval(".message", (found) =>
    found.map((message) => ({
      by: message.querySelector(".by").textContent,
      text: message.querySelector(".text")?.textContent ?? "",
      mine: message.closest(".run").classList.contains("me"),
    })),
  );

/** The view in a host of its own. `frame` is the view's; `outside` what left it, `violations` what its policy refused. */
async function openView(browser, port, { width = 1000, height = 720, scheme = "light", scale = 1, ...options }) {
  const page = await browser.newPage();
  await page.setViewport({ width, height, deviceScaleFactor: scale });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const requests = [];
  const errors = [];
  page.on("request", (request) => requests.push(request));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("dialog", async (dialog) => {
    errors.push(`a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.evaluateOnNewDocument(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  const protocol = await page.evaluate((given) => window.openView(given), options);
  const frame = page.frames().find((found) => found.parentFrame());
  return {
    page,
    frame,
    errors,
    protocol,
    outside: () => requests.filter((request) => request.frame() === frame && !request.url().startsWith("about:")).map((request) => request.url()),
    violations: () => frame.evaluate(() => window.violations),
    text: (selector) => frame.$eval(selector, (element) => element.innerText.trim()),
    texts: (selector) => frame.$$eval(selector, (elements) => elements.map((element) => element.textContent)),
    until: (condition, ...given) => frame.waitForFunction(condition, { timeout: 120_000 }, ...given),
  };
}

async function startServer() {
  const process_ = spawn(SERVER, ["serve", "--sandbox", "--http", "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  const port = await new Promise((resolve, reject) => {
    for (const stream of [process_.stdout, process_.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const found = /http:\/\/127\.0\.0\.1:(\d+)\/mcp/.exec(line);
        if (found) resolve(Number(found[1]));
      });
    }
    process_.on("exit", () => reject(new Error(`the server ended: ${said.join("\n")}`)));
  });
  return { process: process_, port };
}

async function bundleHost() {
  const { build } = await tool("esbuild");
  const bundled = await build({
    stdin: { contents: `import ${JSON.stringify(join(HERE, "host.js"))};`, resolveDir: TOOLS },
    nodePaths: [join(TOOLS, "node_modules")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    logLevel: "error",
  });
  return bundled.outputFiles[0].text;
}

/** The host page and, behind the same origin, the server. `onCall` gets the parameters of every tool call that passes. */
async function startSite(serverPort, script, onCall) {
  const files = {
    "/": ["text/html", '<!doctype html><meta charset="utf-8"><style>html,body{margin:0}iframe{border:0;display:block;width:100%;height:100vh}</style><script src="/host.js"></script><body>'],
    "/host.js": ["text/javascript", script],
    "/favicon.ico": ["image/x-icon", ""],
  };
  const site = createServer(async (request, response) => {
    if (request.url !== "/mcp") {
      const [type, body] = files[request.url] ?? ["text/plain", ""];
      response.writeHead(files[request.url] ? 200 : 404, { "content-type": `${type}; charset=utf-8` }).end(body);
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const message = body.length ? JSON.parse(body.toString()) : {};
    if (message.method === "tools/call") onCall(message.params);
    const { origin, host, ...headers } = request.headers;
    const passed = httpRequest({ port: serverPort, host: "127.0.0.1", path: "/mcp", method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    passed.end(body);
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  return {
    port: site.address().port,
    close() {
      site.closeAllConnections();
      site.close();
    },
  };
}
