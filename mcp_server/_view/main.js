// The page: receives notifications from the host, draws the conversation or the list, reads more on request.

const VERSION = document.documentElement.dataset.version;
const READER = "get_conversation";
const LISTER = "list_conversations";
const DEFAULT_BUDGETS = { [READER]: 4000, [LISTER]: 2000 };
const LARGEST_BUDGET = 20000;
const DEFAULT_COUNT = 10;
const INLINE_HEIGHT = 640;

const byId = (id) => document.getElementById(id);
const log = byId("log");
const search = searchBox(byId("search"), byId("found"), log);

/** The conversation shown, or null; then the list is shown, if there is one. */
let conversation = null;
/** The list that the model received, or null. */
let inbox = null;
let toolArguments = {};
/** What a host that renames tools puts before their names. */
let toolPrefix = "";
let canRead = false;
let container = {};
let busy = false;
let lastHeight = null;

const host = connectHost({
  "ui/notifications/tool-input": ({ arguments: args }) => {
    toolArguments = args ?? {};
    if (!conversation && !inbox) showStatus(`Reading ${toolArguments.profile_url ?? toolArguments.linkedin_url ?? toolArguments.conversation_id ?? "conversations"} …`);
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
  const name = context.toolInfo?.tool?.name ?? "";
  const own = [READER, LISTER].find((each) => name.endsWith(each));
  if (own) toolPrefix = name.slice(0, -own.length);
  if (context.containerDimensions) container = context.containerDimensions;
  if (context.displayMode) root.dataset.mode = context.displayMode;
  if (context.availableDisplayModes) byId("larger").hidden = !context.availableDisplayModes.includes("fullscreen");
  fit();
}

/** Asks the host for the height that the content needs, up to the maximum it allows. */
function fit() {
  if (container.height) return;
  const bottom = (element) => element.offsetTop + element.offsetHeight;
  const ready = document.body.classList.contains("ready");
  const about = ready ? bottom(byId("aside").lastElementChild) + 16 : 0;
  const wanted = ready ? log.offsetTop + Math.max(bottom(byId("items")), bottom(byId("more"))) + 28 : bottom(byId("status")) + 16;
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
  const { page, list, error, plain } = readResult(result);
  if (error !== undefined) {
    showStatus(error || "Reading failed, and the server did not say why.", "error");
    return;
  }
  if (plain !== undefined) {
    showStatus("This answer is neither a transcript nor a list that this version can read. It is shown unchanged.", "error");
    byId("items").replaceChildren(el("pre", { dir: "auto" }, plain));
    return;
  }
  conversation = page ? new Conversation(page, toolArguments) : null;
  inbox = list ? new Inbox(list, toolArguments) : null;
  showStatus("");
  draw();
  log.scrollTop = conversation ? log.scrollHeight : 0;
  fit();
}

function draw() {
  document.body.classList.add("ready");
  byId("back").hidden = !conversation || !inbox;
  const [about, things] = conversation ? ["About the conversation", "messages"] : ["About the list", "conversations"];
  byId("aside").setAttribute("aria-label", about);
  log.setAttribute("aria-label", things.replace(/^./u, (letter) => letter.toUpperCase()));
  for (const name of ["placeholder", "aria-label"]) byId("search").setAttribute(name, `Search these ${things}`);
  // Older messages are above the others, older conversations below.
  if (conversation) log.prepend(byId("more"));
  else log.append(byId("more"));
  if (conversation) drawConversation();
  else drawInbox();
  const stops = log.querySelectorAll(".stop");
  stops[conversation ? stops.length - 1 : 0]?.setAttribute("tabindex", "0");
  search.refresh();
}

function drawConversation() {
  const others = [...conversation.people.values()].filter((person) => !person.me);
  byId("title").textContent = others.length ? others.map((person) => person.name).join(", ") : "Conversation";
  byId("people").replaceChildren(...drawPeople(conversation));
  byId("facts").replaceChildren(...drawFacts(conversation));
  byId("figures").replaceChildren(...drawFigures(conversation, conversation.asked.max_tokens ?? DEFAULT_BUDGETS[READER]));
  drawNotes(conversation.notes);
  const timeline = layOutTimeline(conversation);
  byId("timeline").hidden = timeline === null;
  if (timeline) byId("timeline").replaceChildren(...drawTimeline(timeline, (item) => goTo(item.key)));
  const left = conversation.footer.older ?? conversation.coverage.beyond;
  drawOlder("messages", conversation.footer, left ? ` (${left} more)` : "", "The conversation begins here.");
  byId("items").replaceChildren(...drawItems(conversation, { read: canRead ? readHere : null }));
}

function drawInbox() {
  byId("title").textContent = "Conversations";
  byId("people").replaceChildren();
  byId("timeline").hidden = true;
  byId("facts").replaceChildren(...drawListFacts(inbox));
  byId("figures").replaceChildren(...drawListFigures(inbox, inbox.asked.max_tokens ?? DEFAULT_BUDGETS[LISTER]));
  drawNotes(inbox.notes);
  drawOlder("conversations", inbox.footer, "", "No older conversations.");
  byId("items").replaceChildren(...drawEntries(inbox, { open: canRead ? open : null }));
}

function drawNotes(notes) {
  byId("notes").replaceChildren(...notes.map((note) => el("li", {}, note)));
}

function drawOlder(things, { nextCursor, why }, left, beginning) {
  const button = byId("older");
  button.hidden = !nextCursor || !canRead;
  button.textContent = `Older ${things}${left}`;
  const ends = {
    beginning,
    incomplete: `The API delivered no older ${things}, although there are some.`,
    asked: `No older ${things} were asked for.`,
    stopped: `Older ${things} could not be reached.`,
  };
  const said = nextCursor ? (canRead ? "" : `There are older ${things}; ask the assistant for them.`) : (ends[why] ?? `No older ${things}.`);
  byId("end").textContent = said;
}

/** Another part of the conversation that `asked` names, or null after showing why there is none. */
async function readPage({ profile_url, linkedin_url, conversation_id, since }, args) {
  const { page } = await callTool(READER, { profile_url, linkedin_url, conversation_id, since, ...args }, "page");
  return page ?? null;
}

/** A result with `wanted`, "page" or "list"; an empty one after showing why there is none. */
async function callTool(name, args, wanted) {
  const given = Object.entries(args).filter(([, value]) => value != null);
  try {
    const read = readResult(await host.callTool(toolPrefix + name, Object.fromEntries(given)));
    if (read[wanted]) {
      showStatus("");
      return read;
    }
    showStatus(read.error || `The answer is not a ${wanted === "page" ? "transcript" : "list"}.`, "error");
  } catch (failure) {
    showStatus(`The host did not let this view read: ${failure.message}`, "error");
  }
  return {};
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
    const page = await readPage(conversation.asked, { cursor: item.cursor, count, detail: "verbatim", max_tokens: LARGEST_BUDGET });
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

byId("older").addEventListener("click", () => runExclusively(byId("older"), conversation ? readOlder : listOlder));

async function readOlder() {
  const { count = DEFAULT_COUNT, max_tokens, detail, focus } = conversation.asked;
  const page = await readPage(conversation.asked, { cursor: conversation.footer.nextCursor, count, max_tokens, detail, focus });
  if (!page) return;
  const below = log.scrollHeight - log.scrollTop;
  conversation.addOlder(page);
  draw();
  log.scrollTop = log.scrollHeight - below;
}

async function listOlder() {
  const { count, max_tokens, show, query } = inbox.asked;
  const { list } = await callTool(LISTER, { cursor: inbox.footer.nextCursor, count, max_tokens, show, query }, "list");
  if (!list) return;
  const known = inbox.items.length;
  inbox.addOlder(list);
  draw();
  if (inbox.items.length > known) goTo(inbox.items[known].key);
}

/** Shows the conversation of an entry; reads it if it was not opened before. */
function open(item, button) {
  return runExclusively(button, async () => {
    if (!inbox.opened.has(item.key)) {
      const asked = targetOf(item);
      const page = await readPage(asked, {});
      if (!page) return;
      inbox.opened.set(item.key, { conversation: new Conversation(page, asked), item });
      inbox.creditsHere += Number(page.header.credits) || 0;
    }
    search.clear();
    conversation = inbox.opened.get(item.key).conversation;
    draw();
    log.scrollTop = log.scrollHeight;
    goTo(conversation.items.at(-1)?.key);
  });
}

/** Shows the list again, at the entry that was opened. */
function back() {
  if (!conversation || !inbox || busy) return;
  const opened = [...inbox.opened.values()].find((each) => each.conversation === conversation);
  search.clear();
  showStatus("");
  conversation = null;
  draw();
  log.scrollTop = 0;
  goTo(opened.item.key);
  fit();
}

byId("back").addEventListener("click", back);

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
  else if (event.key === "Escape") back();
  else if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  else {
    const stops = [...log.querySelectorAll(".stop")];
    const at = stops.indexOf(document.activeElement.closest(".stop"));
    const newest = conversation ? stops.length - 1 : 0;
    const next = { Home: 0, End: stops.length - 1, ArrowUp: at < 0 ? newest : at - 1, ArrowDown: at < 0 ? newest : at + 1 }[event.key];
    const stop = stops[Math.min(Math.max(next, 0), stops.length - 1)];
    if (stop) goTo(stop.dataset.key);
  }
  event.preventDefault();
});

if (window.parent === window) {
  container = { height: window.innerHeight };
  showStatus("An MCP host shows this page next to an answer of get_conversation or list_conversations. On its own it has nothing to show.");
} else {
  new ResizeObserver(() => fit()).observe(byId("items"));
  host.hello(VERSION).then(
    ({ hostCapabilities, hostContext }) => {
      canRead = Boolean(hostCapabilities?.serverTools);
      applyHostContext(hostContext ?? {});
      if (conversation || inbox) draw();
    },
    (failure) => showStatus(`The host did not answer: ${failure.message}`, "error"),
  );
}
