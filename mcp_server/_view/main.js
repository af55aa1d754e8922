// The page: takes what the host tells, draws it, reads more when asked to.

const VERSION = document.documentElement.dataset.version;
const DEFAULT_BUDGET = 4000;
const LARGEST_BUDGET = 20000;
const DEFAULT_COUNT = 10;
const INLINE_HEIGHT = 640;

const byId = (id) => document.getElementById(id);
const log = byId("log");
const search = searchBox(byId("search"), byId("found"), log);

let conversation = null;
let asked = {};
let toolName = "get_conversation";
let canRead = false;
let room = {};
let busy = false;
let lastHeight = null;

const host = connectHost({
  "ui/notifications/tool-input": ({ arguments: args }) => {
    asked = args ?? {};
    if (!conversation) tell(`Reading ${asked.profile_url ?? asked.linkedin_url ?? asked.conversation_id ?? "the conversation"} …`);
  },
  "ui/notifications/tool-result": (result) => showResult(result),
  "ui/notifications/tool-cancelled": ({ reason }) => tell(`Reading was cancelled${reason ? `: ${reason}` : "."}`),
  "ui/notifications/host-context-changed": (context) => dress(context),
});

/** Looks like the host: theme, colours, room. Only what the context names changes. */
function dress(context) {
  const root = document.documentElement;
  if (context.theme) root.dataset.theme = context.theme;
  for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
    // A colour or a size, never an address.
    if (/^--[a-z0-9-]+$/u.test(name) && typeof value === "string" && !/url\(/iu.test(value)) root.style.setProperty(name, value);
  }
  if (context.toolInfo?.tool?.name) toolName = context.toolInfo.tool.name;
  if (context.containerDimensions) room = context.containerDimensions;
  if (context.displayMode) root.dataset.mode = context.displayMode;
  if (context.availableDisplayModes) byId("larger").hidden = !context.availableDisplayModes.includes("fullscreen");
  fit();
}

/** Asks for the room that there is something for, at most what there is. */
function fit() {
  if (room.height) return;
  const bottom = (element) => element.offsetTop + element.offsetHeight + 16;
  const items = byId("items");
  const about = conversation ? bottom(byId("aside").lastElementChild) : 0;
  const wanted = conversation ? log.offsetTop + items.offsetTop + items.offsetHeight + 28 : bottom(byId("status"));
  const height = Math.min(Math.max(about, wanted), room.maxHeight ?? INLINE_HEIGHT);
  if (height !== lastHeight) host.size(height);
  lastHeight = height;
}

function tell(text, kind = "info") {
  const status = byId("status");
  status.textContent = text;
  status.dataset.kind = kind;
  status.hidden = !text;
  fit();
}

/** The answer that the model got. A later one takes its place. */
function showResult(result) {
  const { page, error, plain } = readResult(result);
  if (error !== undefined) {
    tell(error || "Reading failed, and the server did not say why.", "error");
    return;
  }
  if (plain !== undefined) {
    tell("This answer is no transcript of this version; here it is as it came.", "error");
    byId("items").replaceChildren(el("pre", { dir: "auto" }, plain));
    return;
  }
  conversation = new Conversation(page);
  tell("");
  draw();
  log.scrollTop = log.scrollHeight;
  fit();
}

function draw() {
  document.body.classList.add("ready");
  const others = [...conversation.people.values()].filter((person) => !person.me);
  byId("title").textContent = others.length ? others.map((person) => person.name).join(", ") : "Conversation";
  byId("people").replaceChildren(...drawPeople(conversation));
  byId("facts").replaceChildren(...drawFacts(conversation));
  byId("figures").replaceChildren(...drawFigures(conversation, asked.max_tokens ?? DEFAULT_BUDGET));
  byId("notes").replaceChildren(...conversation.notes.map((note) => el("li", {}, note)));
  const timeline = layOutTimeline(conversation);
  byId("timeline").hidden = timeline === null;
  if (timeline) byId("timeline").replaceChildren(...drawTimeline(timeline, (item) => goTo(item.key)));
  drawOlder();
  byId("items").replaceChildren(...drawItems(conversation, { read: canRead ? readHere : null }));
  const stops = log.querySelectorAll(".stop");
  stops[stops.length - 1]?.setAttribute("tabindex", "0");
  search.again();
}

function drawOlder() {
  const { nextCursor, older, why } = conversation.footer;
  const button = byId("older");
  button.hidden = !nextCursor || !canRead;
  const left = older ?? conversation.coverage.beyond;
  button.textContent = left ? `Older messages (${left} more)` : "Older messages";
  const ends = {
    beginning: "The conversation begins here.",
    asked: "Nothing older was asked for.",
    stopped: "Older messages could not be reached.",
  };
  const said = nextCursor ? (canRead ? "" : "There are older messages; ask the assistant for them.") : (ends[why] ?? "No older messages.");
  byId("beginning").textContent = said;
}

/** One more answer for this conversation, or null when there is none; then it was told why. */
async function ask(args) {
  const { profile_url, linkedin_url, conversation_id, since } = asked;
  const given = Object.entries({ profile_url, linkedin_url, conversation_id, since, ...args });
  try {
    const { page, error } = readResult(await host.callTool(toolName, Object.fromEntries(given.filter(([, value]) => value != null))));
    if (page) {
      tell("");
      return page;
    }
    tell(error || "What came back is no transcript.", "error");
  } catch (failure) {
    tell(`The host did not let this view read: ${failure.message}`, "error");
  }
  return null;
}

/** `work` while the button says so; one at a time, because each may spend credits. */
async function once(button, work) {
  if (busy) return;
  busy = true;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    busy = false;
    button.removeAttribute("aria-busy");
    fit();
  }
}

/** The messages of a stretch, or the whole of a shortened message, in its place. */
function readHere(item, button) {
  return once(button, async () => {
    const count = item.type === "gap" ? item.count : 1;
    const page = await ask({ cursor: item.cursor, count, detail: "verbatim", max_tokens: LARGEST_BUDGET });
    if (!page) return;
    const below = log.scrollHeight - log.scrollTop;
    const oldKeys = new Set(conversation.items.map(({ key }) => key));
    conversation.fill(item, page);
    draw();
    log.scrollTop = log.scrollHeight - below;
    const fresh = conversation.items.findLast(({ key }) => !oldKeys.has(key));
    if (fresh) goTo(fresh.key);
  });
}

byId("older").addEventListener("click", () => {
  once(byId("older"), async () => {
    const { count = DEFAULT_COUNT, max_tokens, detail, focus } = asked;
    const page = await ask({ cursor: conversation.footer.nextCursor, count, max_tokens, detail, focus });
    if (!page) return;
    const below = log.scrollHeight - log.scrollTop;
    conversation.addOlder(page);
    draw();
    log.scrollTop = log.scrollHeight - below;
  });
});

byId("larger").addEventListener("click", async () => {
  const root = document.documentElement;
  root.dataset.mode = await host.display(root.dataset.mode === "fullscreen" ? "inline" : "fullscreen");
});

/** Moves the focus to an item and shows it. */
function goTo(key) {
  const target = byId(`item-${key}`);
  if (!target) return;
  for (const stop of log.querySelectorAll('.stop[tabindex="0"]')) stop.setAttribute("tabindex", "-1");
  target.setAttribute("tabindex", "0");
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target === byId("search")) return;
  if (event.key === "/") byId("search").focus();
  else if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  else {
    const stops = [...log.querySelectorAll(".stop")];
    const at = stops.indexOf(document.activeElement.closest(".stop"));
    const next = { Home: 0, End: stops.length - 1, ArrowUp: at < 0 ? stops.length - 1 : at - 1, ArrowDown: at < 0 ? stops.length - 1 : at + 1 }[event.key];
    const stop = stops[Math.min(Math.max(next, 0), stops.length - 1)];
    if (stop) goTo(stop.dataset.key);
  }
  event.preventDefault();
});

if (window.parent === window) {
  room = { height: window.innerHeight };
  tell("This page is shown by an MCP host beside an answer of get_conversation. By itself it has nothing to show.");
} else {
  new ResizeObserver(() => fit()).observe(byId("items"));
  host.hello(VERSION).then(
    ({ hostCapabilities, hostContext }) => {
      canRead = Boolean(hostCapabilities?.serverTools);
      dress(hostContext ?? {});
      if (conversation) draw();
    },
    (failure) => tell(`The host did not answer: ${failure.message}`, "error"),
  );
}
