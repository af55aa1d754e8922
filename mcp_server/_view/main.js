// The page: receives notifications from the host, draws the conversation, reads more on request.

const VERSION = document.documentElement.dataset.version;
const DEFAULT_BUDGET = 4000;
const LARGEST_BUDGET = 20000;
const DEFAULT_COUNT = 10;
const INLINE_HEIGHT = 640;

const byId = (id) => document.getElementById(id);
const log = byId("log");
const search = searchBox(byId("search"), byId("found"), log);

let conversation = null;
let toolArguments = {};
let toolName = "get_conversation";
let canRead = false;
let container = {};
let busy = false;
let lastHeight = null;

const host = connectHost({
  "ui/notifications/tool-input": ({ arguments: args }) => {
    toolArguments = args ?? {};
    if (!conversation) showStatus(`Reading ${toolArguments.profile_url ?? toolArguments.linkedin_url ?? toolArguments.conversation_id ?? "the conversation"} …`);
  },
  "ui/notifications/tool-result": (result) => showResult(result),
  "ui/notifications/tool-cancelled": ({ reason }) => showStatus(`Reading was cancelled${reason ? `: ${reason}` : "."}`),
  "ui/notifications/host-context-changed": (context) => applyHostContext(context),
});

/** Applies the host's theme, colours and size. Values that the context leaves out stay as they are. */
function applyHostContext(context) {
  const root = document.documentElement;
  if (context.theme) root.dataset.theme = context.theme;
  for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
    // A colour or a size, never an address.
    if (/^--[a-z0-9-]+$/u.test(name) && typeof value === "string" && !/url\(/iu.test(value)) root.style.setProperty(name, value);
  }
  if (context.toolInfo?.tool?.name) toolName = context.toolInfo.tool.name;
  if (context.containerDimensions) container = context.containerDimensions;
  if (context.displayMode) root.dataset.mode = context.displayMode;
  if (context.availableDisplayModes) byId("larger").hidden = !context.availableDisplayModes.includes("fullscreen");
  fit();
}

/** Asks the host for the height that the content needs, up to the maximum it allows. */
function fit() {
  if (container.height) return;
  const bottom = (element) => element.offsetTop + element.offsetHeight + 16;
  const items = byId("items");
  const about = conversation ? bottom(byId("aside").lastElementChild) : 0;
  const wanted = conversation ? log.offsetTop + items.offsetTop + items.offsetHeight + 28 : bottom(byId("status"));
  const height = Math.min(Math.max(about, wanted), container.maxHeight ?? INLINE_HEIGHT);
  if (height !== lastHeight) host.size(height);
  lastHeight = height;
}

function showStatus(text, kind = "info") {
  const status = byId("status");
  status.textContent = text;
  status.dataset.kind = kind;
  status.hidden = !text;
  fit();
}

/** Shows the answer that the model received. A later one replaces it. */
function showResult(result) {
  const { page, error, plain } = readResult(result);
  if (error !== undefined) {
    showStatus(error || "Reading failed, and the server did not say why.", "error");
    return;
  }
  if (plain !== undefined) {
    showStatus("This answer is not a transcript that this version can read. It is shown unchanged.", "error");
    byId("items").replaceChildren(el("pre", { dir: "auto" }, plain));
    return;
  }
  conversation = new Conversation(page);
  showStatus("");
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
  byId("figures").replaceChildren(...drawFigures(conversation, toolArguments.max_tokens ?? DEFAULT_BUDGET));
  byId("notes").replaceChildren(...conversation.notes.map((note) => el("li", {}, note)));
  const timeline = layOutTimeline(conversation);
  byId("timeline").hidden = timeline === null;
  if (timeline) byId("timeline").replaceChildren(...drawTimeline(timeline, (item) => goTo(item.key)));
  drawOlder();
  byId("items").replaceChildren(...drawItems(conversation, { read: canRead ? readHere : null }));
  const stops = log.querySelectorAll(".stop");
  stops[stops.length - 1]?.setAttribute("tabindex", "0");
  search.refresh();
}

function drawOlder() {
  const { nextCursor, older, why } = conversation.footer;
  const button = byId("older");
  button.hidden = !nextCursor || !canRead;
  const left = older ?? conversation.coverage.beyond;
  button.textContent = left ? `Older messages (${left} more)` : "Older messages";
  const ends = {
    beginning: "The conversation begins here.",
    incomplete: "The API delivered no older messages, although there are some.",
    asked: "Nothing older was asked for.",
    stopped: "Older messages could not be reached.",
  };
  const said = nextCursor ? (canRead ? "" : "There are older messages; ask the assistant for them.") : (ends[why] ?? "No older messages.");
  byId("beginning").textContent = said;
}

/** Another answer about this conversation, or null after showing why there is none. */
async function callTool(args) {
  const { profile_url, linkedin_url, conversation_id, since } = toolArguments;
  const given = Object.entries({ profile_url, linkedin_url, conversation_id, since, ...args });
  try {
    const { page, error } = readResult(await host.callTool(toolName, Object.fromEntries(given.filter(([, value]) => value != null))));
    if (page) {
      showStatus("");
      return page;
    }
    showStatus(error || "The answer is not a transcript.", "error");
  } catch (failure) {
    showStatus(`The host did not let this view read: ${failure.message}`, "error");
  }
  return null;
}

/** Runs `work` while the button shows that it is busy; one at a time, because each may spend credits. */
async function runExclusively(button, work) {
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

/** Reads the messages of a gap, or a shortened message in full, and shows them in its place. */
function readHere(item, button) {
  return runExclusively(button, async () => {
    const count = item.type === "gap" ? item.count : 1;
    const page = await callTool({ cursor: item.cursor, count, detail: "verbatim", max_tokens: LARGEST_BUDGET });
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
  runExclusively(byId("older"), async () => {
    const { count = DEFAULT_COUNT, max_tokens, detail, focus } = toolArguments;
    const page = await callTool({ cursor: conversation.footer.nextCursor, count, max_tokens, detail, focus });
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

/** Moves the keyboard focus to an item and scrolls it into view. */
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
  container = { height: window.innerHeight };
  showStatus("An MCP host shows this page next to an answer of get_conversation. On its own it has nothing to show.");
} else {
  new ResizeObserver(() => fit()).observe(byId("items"));
  host.hello(VERSION).then(
    ({ hostCapabilities, hostContext }) => {
      canRead = Boolean(hostCapabilities?.serverTools);
      applyHostContext(hostContext ?? {});
      if (conversation) draw();
    },
    (failure) => showStatus(`The host did not answer: ${failure.message}`, "error"),
  );
}
