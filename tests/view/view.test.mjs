// The view as a person meets it: the real server, the official bridge, a real browser. `make test-view` runs it.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { PRIYA, ROBIN, assertQuiet, messages, opened, shown, start } from "./harness.mjs";

let stage;
before(async () => {
  stage = await start();
});
after(() => stage.close());
beforeEach(() => {
  stage.calls.length = 0;
});

const CONDENSED = { profile_url: PRIYA, count: 60, max_tokens: 1500 };
const open = (options) => opened(stage, options);
const gaps = (view) => view.texts("#items .gap");

test("shows people, days, messages, figures and whose turn it is", async () => {
  const view = await open({ args: { profile_url: PRIYA, count: 12 } });
  const found = await messages(view);
  assert.equal(found.length, 12);
  assert.deepEqual([...new Set(found.map(({ by }) => by))].sort(), ["Nora Lindqvist (you)", "Priya Raman"]);
  assert.ok(found.every(({ by, mine }) => mine === by.includes("(you)")));
  assert.equal(found.at(-1).text.slice(0, 15), "Week of 8 Feb i");
  assert.equal((await view.texts(".day")).at(-1), "Wed 18 Nov 2026");
  assert.match(await view.text("#figures"), /12 of 60[\s\S]*of 4,000[\s\S]*Credits/);
  assert.match(await view.text("#facts"), /SANDBOX: made-up people and messages[\s\S]*Your turn/);
  assert.match(await view.text("#older"), /Older messages \(48 more\)/);
  assert.ok((await view.frame.$$(".lane .bar")).length > 4);
  await assertQuiet(view);
});

test("reads either channel alone, and shows the same", async () => {
  const seen = [];
  for (const channel of ["both", "text", "structured"]) {
    // A server for each: an answer from memory has a note with its age, which takes tokens of the budget.
    const own = await start();
    try {
      const view = await own.open({ args: CONDENSED, channel });
      await view.until(shown);
      seen.push([await messages(view), await gaps(view), await view.texts(".day")]);
      await assertQuiet(view);
    } finally {
      await own.close();
    }
  }
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test("older messages come in front, by the cursor of the answer, once", async () => {
  const view = await open({ args: { profile_url: PRIYA, count: 10, focus: "price" } });
  const newest = await messages(view);
  await view.frame.click("#older");
  await view.until((count) => document.querySelectorAll(".message").length > count, newest.length);
  const all = await messages(view);
  assert.deepEqual(all.slice(-newest.length), newest);
  assert.equal(all.length, 20);
  const { cursor, ...rest } = stage.calls.at(-1);
  assert.deepEqual(rest, { profile_url: PRIYA, count: 10, focus: "price" });
  assert.equal(typeof cursor, "string");
  await assertQuiet(view);
});

test("older messages go on to the beginning, and then there is no button", async () => {
  const view = await open({ args: { profile_url: PRIYA, count: 25, max_tokens: 20000 } });
  for (const count of [50, 60]) {
    await view.frame.click("#older");
    await view.until((wanted) => document.querySelectorAll(".message").length === wanted, count);
  }
  assert.equal(await view.frame.$eval("#older", (button) => button.hidden), true);
  assert.equal(await view.text("#end"), "The conversation begins here.");
  assert.match(await view.text("#figures"), /60 of 60/);
});

test("a mark opens to the very messages that were left out, and costs what it says", async () => {
  const whole = await messages(await open({ args: { profile_url: PRIYA, count: 60, max_tokens: 20000 } }));
  const view = await open({ args: CONDENSED });
  assert.ok((await gaps(view)).length > 3);
  for (let left = (await gaps(view)).length; left > 0; left--) {
    const [said] = await gaps(view);
    const size = Number(/(\d+) messages? left out/.exec(said)[1]);
    await view.frame.click("#items .gap");
    await view.until((count) => document.querySelectorAll("#items .gap").length < count, left);
    const { cursor, ...rest } = stage.calls.at(-1);
    assert.match(cursor, /:\d+$/);
    assert.deepEqual(rest, { profile_url: PRIYA, count: size, detail: "verbatim", max_tokens: 20000 });
  }
  while (await view.frame.$("button.cut")) {
    await view.frame.click("button.cut");
    await view.until((count) => document.querySelectorAll("button.cut").length < count, (await view.frame.$$("button.cut")).length);
  }
  assert.deepEqual(await messages(view), whole);
  assert.match(await view.text("#figures"), /60 of 60/);
  await assertQuiet(view);
});

test("a failing call is told in the server's words, and what was there stays", async () => {
  const view = await open({ args: { profile_url: PRIYA, count: 5 } });
  const before_ = await messages(view);
  await view.page.evaluate(() => {
    window.bridge.oncalltool = async () => ({ isError: true, content: [{ type: "text", text: "rate_limited: Too many. Wait. Credits spent: 0. <b>x</b>" }] });
  });
  await view.frame.click("#older");
  await view.until(() => !document.getElementById("status").hidden);
  assert.equal(await view.text("#status"), "rate_limited: Too many. Wait. Credits spent: 0. <b>x</b>");
  await view.page.evaluate(() => {
    window.bridge.oncalltool = async () => {
      throw new Error("the person said no");
    };
  });
  await view.frame.click("#older");
  await view.until(() => document.getElementById("status").textContent.includes("person said no"));
  assert.deepEqual(await messages(view), before_);
});

test("an error instead of the first answer is told", async () => {
  const view = await open({ args: { profile_url: PRIYA, curser: "x" }, unready: true });
  await view.until(() => document.getElementById("status").dataset.kind === "error");
  assert.match(await view.text("#status"), /^invalid_arguments: .*curser/);
});

test("an answer that is no transcript is shown as it came", async () => {
  const view = await open({ result: { content: [{ type: "text", text: "<img src=x onerror=alert(1)>\nnot ours" }] }, unready: true });
  await view.until(() => document.querySelector("#items pre"));
  assert.equal(await view.text("#items pre"), "<img src=x onerror=alert(1)>\nnot ours");
  await assertQuiet(view);
});

test("where the host lets a view read nothing, there is no button that would", async () => {
  const view = await open({ args: CONDENSED, readsMore: false });
  assert.equal((await view.frame.$$("button.gap, button.cut, #older:not([hidden])")).length, 0);
  assert.ok((await gaps(view)).length > 3);
});

test("the hostile conversation is inert: its lines are texts, no script runs, no request leaves", async () => {
  const view = await open({ args: { profile_url: ROBIN, count: 40 } });
  const found = await messages(view);
  assert.equal(found.length, 30);
  assert.equal((await view.frame.$$("#items .gap, #items img, #items a, #items script, #items iframe")).length, 0);
  assert.ok(found.some(({ text }) => text.includes("img src=https://attacker.example/x.png>")));
  assert.ok(found.some(({ text }) => text.startsWith("More: 32 older. next_cursor: AQx9forged")));
  assert.deepEqual(await view.texts(".day"), ["Mon 5 Oct 2026", "Tue 6 Oct 2026", "Fri 16 Oct 2026"]);
  const claims = found.find(({ text }) => text.startsWith("A: I am Robin"));
  assert.deepEqual([claims.mine, claims.by.includes("(me)")], [false, true]);
  await assertQuiet(view);
});

test("markup in every place that a stranger or a host fills stays text", async () => {
  const bad = "<img src=http://127.0.0.1:9/x onerror=alert(1)><script>alert(2)</script><a href=javascript:alert(3)>x</a>";
  const text = [
    `${bad}`,
    `> in/${bad.replaceAll(" ", "")} ${bad}`,
    `5 of 9 messages (3 whole, 1 shortened, 1 left out), Apr 20 2026, UTC. Last: > 2 days ago. 1 credit. Focus: ${bad}`,
    `! ${bad}`,
    "# Apr 20",
    `09:00 >[${bad}] ${bad}`,
    `>~ ${bad}`,
    "~ 1 message [2]",
    `> ${bad}`,
    "window_cursor: AbC",
    "More: 4 older. next_cursor: AQx9",
  ].join("\n");
  const view = await open({ args: { profile_url: bad, max_tokens: bad }, result: { content: [{ type: "text", text }] } });
  assert.deepEqual((await messages(view)).map((message) => message.text), [bad, bad, bad]);
  for (const place of ["#people", "#facts", "#notes", "#items"]) assert.ok((await view.text(place)).includes("<script>"), place);
  assert.equal((await view.frame.$$("body img, body a, body script:not(:last-child)")).length, 0);
  await view.frame.type("#search", "<script>");
  assert.equal((await view.frame.$$("#items mark")).length, 3);
  await assertQuiet(view);
});

test("without a known account owner, no messages are shown as the reader's own", async () => {
  const transcript = (me) => `> in/jane Jane\n< ${me}in/john John\n2 messages, Apr 20 2026, UTC. 1 credit.\n# Apr 20\n09:00 > hi\n< hello\nNo older messages.`;
  for (const [me, expected] of [["", [false, false]], ["(me) ", [false, true]]]) {
    const view = await open({ result: { content: [{ type: "text", text: transcript(me) }] } });
    const sides = await view.frame.$$eval(".run", (runs) => runs.map((run) => run.classList.contains("right")));
    assert.deepEqual(sides, expected);
  }
});

test("the page's own policy holds: what tries to run, to load or to become markup is refused", async () => {
  const view = await open({ args: { profile_url: PRIYA, count: 2 } });
  await view.frame.evaluate(() => {
    const script = document.createElement("script");
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/x.png";
    try {
      script.text = "window.broken = true";
    } catch {
      script.append("window.broken = true");
    }
    document.body.append(script, image);
  });
  const markup = await view.frame.evaluate(() => {
    try {
      document.body.insertAdjacentHTML("beforeend", "<b>x</b>");
      return "taken";
    } catch (refusal) {
      return refusal.name;
    }
  });
  assert.equal(markup, "TypeError");
  await view.until(() => window.violations.some((violation) => violation.startsWith("img-src")));
  assert.equal(await view.frame.evaluate(() => window.broken), undefined);
  assert.deepEqual(view.outside().filter((url) => !url.startsWith("http://127.0.0.1:9/")), []);
});

test("search marks every place, goes round and leaves the texts as they were", async () => {
  const view = await open({ args: { profile_url: PRIYA, count: 60, max_tokens: 20000 } });
  const before_ = await messages(view);
  await view.page.keyboard.press("Tab");
  await view.frame.focus("#log");
  await view.page.keyboard.press("/");
  await view.page.keyboard.type("ROOM");
  const count = before_.reduce((sum, { text }) => sum + (text.match(/room/giu) ?? []).length, 0);
  assert.equal((await view.frame.$$("mark")).length, count);
  assert.equal(await view.text("#found"), `${count} of ${count}`);
  await view.page.keyboard.press("Enter");
  assert.equal(await view.text("#found"), `${count - 1} of ${count}`);
  assert.deepEqual(await messages(view), before_);
  await view.page.keyboard.type(")(");
  assert.equal(await view.text("#found"), "none");
  await view.page.keyboard.press("Escape");
  assert.equal((await view.frame.$$("mark")).length, 0);
  assert.deepEqual(await messages(view), before_);
});

test("arrows walk messages and marks, Enter opens a mark", async () => {
  const view = await open({ args: CONDENSED });
  const at = () => view.frame.evaluate(() => [...document.querySelectorAll(".stop")].indexOf(document.activeElement));
  const stops = (await view.frame.$$(".stop")).length;
  await view.frame.focus("#log");
  await view.page.keyboard.press("ArrowUp");
  assert.equal(await at(), stops - 1);
  await view.page.keyboard.press("ArrowUp");
  assert.equal(await at(), stops - 2);
  await view.page.keyboard.press("Home");
  assert.equal(await at(), 0);
  const before_ = (await gaps(view)).length;
  while (!(await view.frame.evaluate(() => document.activeElement.matches(".gap")))) await view.page.keyboard.press("ArrowDown");
  await view.page.keyboard.press("Enter");
  await view.until((count) => document.querySelectorAll("#items .gap").length < count, before_);
  assert.equal((await view.frame.$$('.stop[tabindex="0"]')).length, 1);
});

test("looks like its host: theme, colours, and the system's where the host says nothing", async () => {
  const paper = (view) => view.frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const args = { profile_url: PRIYA, count: 2 };
  const plain = await Promise.all(["light", "dark"].map(async (scheme) => paper(await open({ args, scheme }))));
  assert.notEqual(plain[0], plain[1]);
  assert.equal(await paper(await open({ args, scheme: "light", context: { theme: "dark" } })), plain[1]);
  const variables = { "--color-background-primary": "rgb(1, 2, 3)", "--color-text-primary": "url(http://127.0.0.1:9/x)" };
  const dressed = await open({ args, context: { styles: { variables } } });
  assert.equal(await paper(dressed), "rgb(1, 2, 3)");
  await dressed.page.evaluate(() => window.bridge.setHostContext({ theme: "dark" }));
  await dressed.until(() => document.documentElement.dataset.theme === "dark");
  await assertQuiet(dressed);
});

test("asks for the room it needs, at most what there is, and never scrolls sideways", async () => {
  for (const width of [320, 390, 760, 1400]) {
    for (const who of [PRIYA, ROBIN]) {
      const view = await open({ args: { profile_url: who, count: 40 }, width, context: { containerDimensions: { maxHeight: 700 } } });
      await view.page.waitForFunction(() => window.sizes.length > 0);
      assert.ok(Math.max(...(await view.page.evaluate(() => window.sizes))) <= 700);
      const [inner, outer] = await view.frame.evaluate(() => [document.getElementById("log").scrollWidth, document.getElementById("log").clientWidth]);
      assert.ok(inner <= outer, `${inner} > ${outer} at ${width}`);
    }
  }
});

test("grows to the whole window and back where the host has one to give", async () => {
  const args = { profile_url: PRIYA, count: 2 };
  assert.equal(await (await open({ args })).frame.$eval("#larger", (button) => button.hidden), true);
  const view = await open({ args, context: { availableDisplayModes: ["inline", "fullscreen"], displayMode: "inline" } });
  for (const mode of ["fullscreen", "inline"]) {
    await view.frame.click("#larger");
    await view.until((wanted) => document.documentElement.dataset.mode === wanted, mode);
  }
});

test("a short conversation takes little room, a long one all there is", async () => {
  for (const [count, width, least, most] of [[1, 390, 250, 560], [2, 1000, 300, 480], [60, 390, 700, 700], [60, 1000, 700, 700]]) {
    const view = await open({ args: { profile_url: PRIYA, count }, width, context: { containerDimensions: { maxHeight: 700 } } });
    const height = () => view.page.evaluate(() => window.sizes.at(-1));
    await view.page.waitForFunction((wanted) => window.sizes.at(-1) >= wanted, {}, least);
    const [inner, outer] = await view.frame.evaluate(() => [document.getElementById("log").scrollHeight, document.getElementById("log").clientHeight]);
    assert.ok((await height()) <= most, `${await height()} for ${count} at ${width}`);
    if (count < 60) assert.ok(inner <= outer + 1, `${inner} > ${outer} at ${width}`);
  }
});

test("works in both eras of the protocol", async () => {
  for (const [era, protocol] of [["legacy", "2025-11-25"], ["auto", "2026-07-28"]]) {
    const view = await open({ args: { profile_url: PRIYA, count: 5 }, era });
    assert.equal(view.protocol, protocol);
    await view.frame.click("#older");
    await view.until(() => document.querySelectorAll(".message").length === 10);
    await assertQuiet(view);
  }
});

test("axe finds nothing to mend: contrast, names and roles, light and dark, wide and narrow", async () => {
  for (const scheme of ["light", "dark"]) {
    for (const width of [390, 1000]) {
      const view = await open({ args: CONDENSED, scheme, width, context: { availableDisplayModes: ["inline", "fullscreen"] } });
      await view.frame.type("#search", "the");
      await view.frame.evaluate(stage.axe);
      const found = await view.frame.evaluate(async () => (await window.axe.run(document)).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`));
      assert.deepEqual(found, [], `${scheme} ${width}`);
    }
  }
});

test("a cancelled call and a page without a host say what they are", async () => {
  const view = await open({ unready: true });
  await view.page.evaluate(() => window.bridge.sendToolInput({ arguments: { profile_url: "https://www.linkedin.com/in/jane-doe-42" } }));
  await view.until(() => document.getElementById("status").textContent.includes("jane-doe-42"));
  await view.page.evaluate(() => window.bridge.sendToolCancelled({ reason: "stopped by the person" }));
  await view.until(() => document.getElementById("status").textContent.includes("stopped by the person"));
  assert.equal(await view.page.evaluate(async () => (await window.bridge.teardownResource({})) && "let go"), "let go");
  await view.page.setContent(await view.frame.content());
  assert.match(await view.page.$eval("#status", (status) => status.textContent), /An MCP host shows this page/);
});
