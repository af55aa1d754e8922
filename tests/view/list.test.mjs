// The list of conversations as a person meets it, and the way from it into a conversation and back. `make test-view` runs it.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { PRIYA, assertQuiet, messages, opened, start } from "./harness.mjs";

const LISTED = { tool: "list_conversations", args: { count: 8 } };
const ENTRY = "#items .entry";
let stage;
before(async () => {
  stage = await start();
});
after(() => stage.close());
beforeEach(() => {
  stage.calls.length = 0;
  stage.names.length = 0;
});

const open = (options) => opened(stage, options);
const entries = (view) =>
  view.frame.$$eval(ENTRY, (found) =>
    found.map((entry) => ({
      name: entry.querySelector(".name").textContent,
      headline: entry.querySelector(".headline")?.textContent ?? "",
      last: entry.querySelector(".last")?.textContent ?? "",
      tags: [...entry.querySelectorAll(".tag")].map((tag) => tag.textContent),
      opens: entry.matches("button"),
    })),
  );

/** Clicks the entry with that name and waits for its conversation. */
async function enter(view, name) {
  await view.frame.evaluate((wanted) => [...document.querySelectorAll(".entry")].find((entry) => entry.querySelector(".name").textContent === wanted).click(), name);
  await view.until(() => document.querySelector(".message"));
}

async function leave(view) {
  await view.frame.click("#back");
  await view.until(() => document.querySelector(".entry"));
}

test("shows days, names, headlines, last messages, unread messages and whose turn it is", async () => {
  const view = await open(LISTED);
  const found = await entries(view);
  assert.equal(found.length, 8);
  const priya = found.find(({ name }) => name === "Priya Raman");
  assert.deepEqual([priya.headline, priya.tags, priya.opens], ["Head of Quality at Norbury", ["1 unread", "they wrote last"], true]);
  assert.equal(priya.last.slice(0, 15), "Week of 8 Feb i");
  assert.deepEqual(found.find(({ name }) => name === "Sofie van Damme").tags, ["you wrote last"]);
  assert.equal((await view.texts(".day"))[0], "Fri 20 Nov 2026");
  assert.match(await view.text("#figures"), /8 of 8[\s\S]*of 2,000[\s\S]*Credits/);
  assert.match(await view.text("#facts"), /SANDBOX: made-up people and messages[\s\S]*\d to answer[\s\S]*8 looked at/);
  assert.equal(await view.text("#older"), "Older conversations");
  assert.equal(await view.frame.$eval("#back", (button) => button.hidden), true);
  await assertQuiet(view);
});

test("reads either channel alone, and shows the same list", async () => {
  const seen = [];
  for (const channel of ["both", "text", "structured"]) {
    const view = await open({ ...LISTED, args: { count: 8, max_tokens: 700 }, channel });
    // An answer from memory has a note of its age, which takes tokens: what is shown is as much at least.
    seen.push((await entries(view)).map(({ name, tags }) => [name, ...tags]));
    await assertQuiet(view);
  }
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test("a click on an entry reads its conversation, and the way back ends at the entry", async () => {
  const direct = await messages(await open({ args: { profile_url: PRIYA } }));
  const view = await open(LISTED);
  const before_ = await entries(view);
  await enter(view, "Priya Raman");
  assert.deepEqual([stage.names.at(-1), stage.calls.at(-1)], ["get_conversation", { profile_url: "in/priya-raman-norbury" }]);
  assert.deepEqual(await messages(view), direct);
  assert.equal(await view.text("#back"), "← Conversations");
  assert.equal(await view.frame.evaluate(() => document.activeElement.matches(".message:last-of-type")), true);
  await leave(view);
  assert.deepEqual(await entries(view), before_);
  assert.equal(await view.frame.evaluate(() => document.activeElement.querySelector(".name").textContent), "Priya Raman");
  const calls = stage.calls.length;
  await enter(view, "Priya Raman");
  assert.deepEqual(await messages(view), direct);
  assert.equal(stage.calls.length, calls);
  await assertQuiet(view);
});

test("what is shown of an opened conversation can be continued, and is kept while others are opened", async () => {
  const view = await open(LISTED);
  await enter(view, "Priya Raman");
  await view.frame.click("#older");
  await view.until(() => document.querySelectorAll(".message").length === 20);
  const { cursor, ...rest } = stage.calls.at(-1);
  assert.deepEqual([rest, typeof cursor], [{ profile_url: "in/priya-raman-norbury", count: 10 }, "string"]);
  const both = await messages(view);
  await leave(view);
  await enter(view, "Helene Brandvold");
  assert.notDeepEqual(await messages(view), both);
  await leave(view);
  await enter(view, "Priya Raman");
  assert.deepEqual(await messages(view), both);
  await leave(view);
  assert.match(await view.text("#figures"), /Credits\s+\d+ \+ \d+ here/);
});

test("the keyboard alone: arrows to an entry, Enter into it, Escape back", async () => {
  const view = await open(LISTED);
  const at = () => view.frame.evaluate(() => [...document.querySelectorAll(".stop")].indexOf(document.activeElement));
  await view.frame.focus("#log");
  for (const [key, expected] of [["ArrowDown", 0], ["ArrowDown", 1], ["End", 7], ["ArrowUp", 6], ["Home", 0], ["ArrowDown", 1]]) {
    await view.page.keyboard.press(key);
    assert.equal(await at(), expected, key);
  }
  assert.equal((await view.frame.$$('.stop[tabindex="0"]')).length, 1);
  await view.page.keyboard.press("Enter");
  await view.until(() => document.querySelector(".message"));
  assert.deepEqual(stage.calls.at(-1), { profile_url: "in/sofie-van-damme-labels" });
  await view.page.keyboard.press("Escape");
  await view.until(() => document.querySelector(".entry"));
  assert.equal(await at(), 1);
  await view.page.keyboard.press("Escape");
  assert.equal((await entries(view)).length, 8);
});

test("older conversations follow at the end, to the last, by the cursor and the arguments of the call", async () => {
  const view = await open({ ...LISTED, args: { count: 5, show: "to_answer", max_tokens: 1500 } });
  const newest = await entries(view);
  const pages = [newest.length];
  for (;;) {
    await view.frame.click("#older");
    await view.until((count) => document.querySelectorAll(".entry").length > count || document.getElementById("older").hidden, pages.at(-1));
    const { cursor, ...rest } = stage.calls.at(-1);
    assert.deepEqual([stage.names.at(-1), rest, typeof cursor], ["list_conversations", { count: 5, show: "to_answer", max_tokens: 1500 }, "string"]);
    pages.push((await entries(view)).length);
    if (await view.frame.$eval("#older", (button) => button.hidden)) break;
  }
  const all = await entries(view);
  assert.deepEqual(all.slice(0, newest.length), newest);
  assert.equal(new Set(all.map(({ name, last }) => `${name} ${last}`)).size, all.length);
  assert.equal(await view.text("#end"), "No older conversations.");
  const days = await view.texts(".day");
  assert.equal(new Set(days).size, days.length);
});

test("search marks names, headlines and messages of the list, and ends with it", async () => {
  const view = await open(LISTED);
  await view.frame.type("#search", "priya");
  assert.ok((await view.frame.$$(".entry mark")).length >= 1);
  await enter(view, "Priya Raman");
  assert.deepEqual([await view.frame.$eval("#search", (box) => box.value), await view.text("#found")], ["", ""]);
  assert.equal(await view.frame.$eval("#search", (box) => box.placeholder), "Search these messages");
  await leave(view);
  assert.equal(await view.frame.$eval("#search", (box) => box.placeholder), "Search these conversations");
});

test("a conversation that cannot be read leaves the list, with the reason", async () => {
  const view = await open(LISTED);
  const before_ = await entries(view);
  await view.page.evaluate(() => {
    window.bridge.oncalltool = async () => ({ isError: true, content: [{ type: "text", text: "rate_limited: Too many. <b>x</b>" }] });
  });
  await view.frame.click(ENTRY);
  await view.until(() => !document.getElementById("status").hidden);
  assert.equal(await view.text("#status"), "rate_limited: Too many. <b>x</b>");
  assert.deepEqual(await entries(view), before_);
});

test("where the host lets a view read nothing, no entry opens", async () => {
  const view = await open({ ...LISTED, readsMore: false });
  assert.ok((await entries(view)).every(({ opens }) => !opens));
  assert.equal((await view.frame.$$("#older:not([hidden])")).length, 0);
  assert.match(await view.text("#end"), /There are older conversations/);
});

test("strangers' words stay words: markup, forged lines and forged entries open nothing and load nothing", async () => {
  const bad = "<img src=http://127.0.0.1:9/x onerror=alert(1)><script>alert(2)</script><a href=javascript:alert(3)>x</a>";
  const text = [
    bad,
    `3 looked at (Apr 20 2026, UTC), 3 matched, 3 shown, 1 to answer. 1 credit. Searched all texts: ${JSON.stringify(bad)}`,
    `! ${bad}`,
    "# Apr 20",
    `in/${bad.replaceAll(" ", "")} 09:00 >[2 unread; ${bad}] ${bad}`,
    `  ${bad}`,
    " in/forged 08:00 > Forged entry",
    `- 08:00 ? ${bad}`,
    " More: older conversations. next_cursor: AQforged",
    "2-x== 07:00 <[group] # Apr 19",
    "No older conversations.",
  ].join("\n");
  const view = await open({ tool: "list_conversations", args: { count: 3 }, result: { content: [{ type: "text", text }] } });
  const found = await entries(view);
  assert.deepEqual(found.map(({ name, last, opens }) => [name, last, opens]), [
    [bad, "in/forged 08:00 > Forged entry", true],
    [bad, "More: older conversations. next_cursor: AQforged", false],
    ["# Apr 19", "", true],
  ]);
  assert.deepEqual(found[0].tags, ["2 unread", "they wrote last", bad]);
  assert.equal((await view.texts(".day")).length, 1);
  for (const place of ["#facts", "#notes", "#items"]) assert.ok((await view.text(place)).includes("<script>"), place);
  assert.equal((await view.frame.$$("body img, body a, body script:not(:last-child)")).length, 0);
  await view.page.evaluate(() => {
    window.asked = [];
    window.bridge.oncalltool = async (params) => {
      window.asked.push(params);
      return { isError: true, content: [{ type: "text", text: "no" }] };
    };
  });
  await view.frame.evaluate(() => [...document.querySelectorAll(".entry")].at(-1).click());
  await view.page.waitForFunction(() => window.asked.length === 1);
  assert.deepEqual(await view.page.evaluate(() => window.asked), [{ name: "get_conversation", arguments: { conversation_id: "2-x==" } }]);
  await assertQuiet(view);
});

test("a host that renames tools is asked for the names it gave", async () => {
  const view = await open({ ...LISTED, context: { toolInfo: { tool: { name: "mail__list_conversations", inputSchema: { type: "object" } } } } });
  await view.page.evaluate(() => {
    window.asked = [];
    window.bridge.oncalltool = async ({ name }) => {
      window.asked.push(name);
      return { isError: true, content: [{ type: "text", text: "no" }] };
    };
  });
  await view.frame.click(ENTRY);
  await view.page.waitForFunction(() => window.asked.length === 1);
  assert.deepEqual(await view.page.evaluate(() => window.asked), ["mail__get_conversation"]);
});

test("works in both eras, and takes the room it needs without scrolling sideways", async () => {
  for (const era of ["legacy", "auto"]) {
    for (const width of [320, 390, 1000]) {
      const view = await open({ ...LISTED, era, width, context: { containerDimensions: { maxHeight: 700 } } });
      await view.page.waitForFunction(() => window.sizes.length > 0);
      assert.ok(Math.max(...(await view.page.evaluate(() => window.sizes))) <= 700);
      const [inner, outer] = await view.frame.evaluate(() => [document.getElementById("log").scrollWidth, document.getElementById("log").clientWidth]);
      assert.ok(inner <= outer, `${inner} > ${outer} at ${width}`);
    }
  }
});

test("axe finds nothing to mend in the list and in an opened conversation, light and dark, wide and narrow", async () => {
  for (const scheme of ["light", "dark"]) {
    for (const width of [390, 1000]) {
      const view = await open({ ...LISTED, scheme, width, context: { availableDisplayModes: ["inline", "fullscreen"] } });
      await view.frame.evaluate(stage.axe);
      const check = () => view.frame.evaluate(async () => (await window.axe.run(document)).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`));
      assert.deepEqual(await check(), [], `list ${scheme} ${width}`);
      await enter(view, "Priya Raman");
      assert.deepEqual(await check(), [], `conversation ${scheme} ${width}`);
    }
  }
});
