// The pictures in docs/images, made anew: `make screenshots`. They show the sandbox's conversations.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PRIYA, ROBIN, start } from "./harness.mjs";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "images");

const WIDE = { width: 1000, height: 680 };
const NARROW = { width: 390, height: 760 };
const condensed = { profile_url: PRIYA, count: 60, max_tokens: 1500 };
const hostile = { profile_url: ROBIN, count: 40 };
const list = { tool: "list_conversations", args: { count: 12, max_tokens: 1500 } };

const toTop = (view) => view.frame.evaluate(() => document.getElementById("log").scrollTo(0, 0));
const PICTURES = {
  "view-wide-light": { ...WIDE, scheme: "light", args: condensed, then: toTop },
  "view-wide-dark": { ...WIDE, scheme: "dark", args: condensed, then: (view) => view.frame.type("#search", "price") },
  "view-narrow-light": { ...NARROW, scheme: "light", args: condensed, then: (view) => view.frame.$eval("#items .gap:nth-last-of-type(1)", (gap) => gap.scrollIntoView({ block: "center" })) },
  "view-narrow-dark": { ...NARROW, scheme: "dark", args: condensed },
  "view-list-wide-light": { ...WIDE, scheme: "light", ...list },
  "view-list-wide-dark": { ...WIDE, scheme: "dark", ...list },
  "view-list-narrow-light": { ...NARROW, scheme: "light", ...list },
  "view-list-narrow-dark": { ...NARROW, scheme: "dark", ...list },
  "view-hostile-wide-light": { ...WIDE, scheme: "light", args: hostile, then: toTop },
  "view-hostile-wide-dark": { ...WIDE, scheme: "dark", args: hostile },
  "view-hostile-narrow-light": { ...NARROW, scheme: "light", args: hostile },
  "view-hostile-narrow-dark": { ...NARROW, scheme: "dark", args: hostile, then: toTop },
};

mkdirSync(FOLDER, { recursive: true });
const stage = await start();
for (const [name, { then, ...options }] of Object.entries(PICTURES)) {
  const { scheme, width, height } = options;
  const context = { theme: scheme, containerDimensions: { width, height }, availableDisplayModes: ["inline", "fullscreen"] };
  const view = await stage.open({ ...options, context });
  await view.until(() => document.body.classList.contains("ready"));
  await then?.(view);
  await view.page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await view.page.close();
}
await stage.close();
