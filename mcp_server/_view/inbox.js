// The list of conversations: its state, merged from the server's answers, and how it is drawn.
//
// An item is an entry {type, key, day, target, time, turn, name, unread, tags, headline, text}.

const NO_TARGET = "-";
const TURNS = { ">": "they wrote last", "<": "you wrote last", them: "they wrote last", me: "you wrote last" };

/** The list so far: the answer that the model received, and older conversations listed here since. */
class Inbox {
  /** `asked` are the arguments of the call. */
  constructor(list, asked) {
    this.list = list;
    this.asked = asked;
    this.items = entriesOf(list.items);
    this.footer = list.footer;
    this.notes = [...list.notes];
    this.creditsHere = 0;
    /** Conversations that were opened here, by the key of their entry. */
    this.opened = new Map();
  }

  addOlder(list) {
    this.items = [...this.items, ...entriesOf(list.items)];
    this.footer = list.footer;
    this.notes.push(...list.notes.filter((note) => !this.notes.includes(note)));
    this.creditsHere += Number(list.header.credits) || 0;
  }
}

function entriesOf(items) {
  let day = null;
  return items.flatMap((item) => {
    if (item.type === "day") {
      day = item.date;
      return [];
    }
    return [{ ...item, key: ++lastKey, day }];
  });
}

/** The argument of get_conversation that names the conversation of an entry. */
function targetOf({ target }) {
  return target.startsWith("in/") ? { profile_url: target } : { conversation_id: target };
}

/** Days and entries, newest first. `actions.open(item, button)` is null if the host does not let us read. */
function drawEntries(inbox, actions) {
  const drawn = [];
  let day = null;
  for (const item of inbox.items) {
    if (item.day !== null && item.day !== day) {
      day = item.day;
      drawn.push(el("h2", { class: "day" }, el("time", { datetime: day }, longDay(day))));
    }
    drawn.push(drawEntry(item, actions));
  }
  return drawn;
}

function drawEntry(item, actions) {
  const opens = actions.open !== null && item.target !== NO_TARGET;
  const tags = [
    item.unread ? el("span", { class: "tag unread" }, `${item.unread} unread`) : null,
    Object.hasOwn(TURNS, item.turn) ? el("span", { class: "tag" }, TURNS[item.turn]) : null,
    ...item.tags.map((tag) => el("span", { class: "tag" }, tag)),
  ];
  const words = (name, text) => (text ? el("span", { class: `${name} text`, dir: "auto" }, text) : null);
  const content = [
    avatar({ name: item.name, hue: hueOfTarget(item.target) }),
    el(
      "span",
      { class: "about" },
      el("span", { class: "who" }, el("bdi", { class: "name text" }, item.name || "Nobody named"), item.time === "??:??" ? null : el("time", {}, item.time)),
      words("headline", item.headline),
      words("last", item.text),
      el("span", { class: "tags" }, ...tags),
    ),
  ];
  const entry = opens
    ? el("button", { type: "button", class: "entry stop", title: "Read this conversation here; may spend a credit" }, ...content)
    : el("div", { class: "entry stop" }, ...content);
  if (opens) entry.addEventListener("click", () => actions.open(item, entry));
  entry.id = `item-${item.key}`;
  entry.dataset.key = item.key;
  entry.setAttribute("tabindex", "-1");
  return entry;
}

/** A colour that stays with a conversation when the list changes. */
function hueOfTarget(target) {
  let sum = 0;
  for (const letter of target) sum = (sum * 31 + letter.codePointAt(0)) % 12;
  return hueOf(sum, false);
}

/** What was looked at, matched and shown, and what it cost. */
function drawListFigures(inbox, budget) {
  const { header } = inbox.list;
  const here = inbox.items.length;
  const matched = Math.max(header.matched, here);
  return [
    drawMeter("Conversations", `${here} of ${matched}`, [["whole", here, `${here} shown`]], matched),
    ...drawCosts(inbox.list, inbox.creditsHere, budget),
  ];
}

/** What the summary line says besides its counts, as chips. */
function drawListFacts({ list: { banner, header } }) {
  const facts = [];
  if (banner !== null) facts.push(el("li", { class: "banner" }, banner));
  facts.push(el("li", { class: header.toAnswer ? "turn" : null }, `${header.toAnswer} to answer`));
  facts.push(el("li", {}, `${header.lookedAt} looked at`));
  if (header.show !== "all") facts.push(el("li", {}, `Only ${header.show === "unread" ? "unread" : "to answer"}`));
  if (header.search !== null) {
    const where = header.search.allTexts ? "all texts" : "names, headlines and last messages";
    facts.push(el("li", { dir: "auto" }, `Searched ${where}: ${header.search.quoted}`));
  }
  facts.push(el("li", { class: "minor", title: "Time zone of all days and times" }, header.timezone));
  return facts;
}
