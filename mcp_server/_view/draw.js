// Draws the conversation. Text from outside becomes text nodes, never markup.

/** An element with attributes (null: none) and children; strings become text nodes. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function plural(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function longDay(day) {
  const date = new Date(`${day}T00:00Z`);
  return `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function gapTitle({ count, first, last }) {
  const days = first === null ? "" : first === last ? `, ${longDay(first)}` : `, ${longDay(first)} to ${longDay(last)}`;
  return `${plural(count, "message")} left out${days}`;
}

function avatar(person) {
  // The first letter of the first and the last word; a name is of any script, and may be none.
  const words = person.name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  const face = el("span", { class: "avatar", "aria-hidden": "true" }, letters.map((word) => Array.from(word)[0]).join("") || "?");
  if (person.hue !== null) face.style.setProperty("--hue", person.hue);
  return face;
}

/** Days, groups of bubbles and gaps, oldest first. `actions.read(item)` is null if the host does not let us read. */
function drawItems(conversation, actions) {
  const drawn = [];
  let day = null;
  let group = null;
  for (const item of conversation.items) {
    if (item.type === "gap") {
      drawn.push(drawGap(item, actions));
      group = null;
      continue;
    }
    if (item.day !== null && item.day !== day) {
      day = item.day;
      group = null;
      drawn.push(el("h2", { class: "day" }, el("time", { datetime: day }, longDay(day))));
    }
    if (group?.id !== item.person) {
      const person = conversation.person(item.person);
      const place = el("div", { class: person.me ? "run right" : "run" });
      if (person.me) place.classList.add("me");
      if (person.hue !== null) place.style.setProperty("--hue", person.hue);
      const stack = el("div", { class: "stack" });
      place.append(avatar(person), stack);
      drawn.push(place);
      group = { id: item.person, person, stack };
    }
    group.stack.append(drawMessage(item, group.person, group.stack.childElementCount === 0, actions));
  }
  return drawn;
}

function drawMessage(item, person, first, actions) {
  const time = item.time === null ? null : el("time", {}, item.time);
  const by = el("span", { class: first ? "by" : "by again" }, el("bdi", {}, person.name), person.me ? " (you)" : "");
  const text = el("p", { class: "text", dir: "auto" }, item.text);
  if (!item.text && item.kind === null) text.append(el("em", {}, "no text"));
  const tags = [];
  if (item.kind !== null) tags.push(el("span", { class: "tag" }, item.kind));
  if (item.part) tags.push(el("span", { class: "tag" }, `characters ${item.part.start}–${item.part.end} of ${item.part.total}`));
  if (item.shortened) {
    const cut = item.cursor && actions.read
      ? el("button", { type: "button", class: "tag cut", title: "Read the whole message; may spend a credit" }, "shortened: show whole")
      : el("span", { class: "tag cut" }, "shortened");
    if (item.cursor && actions.read) cut.addEventListener("click", () => actions.read(item, cut));
    tags.push(cut);
  }
  return el(
    "article",
    { class: "message stop", id: `item-${item.key}`, tabindex: "-1", "data-key": item.key },
    el("header", {}, by, time),
    el("div", { class: "bubble" }, tags.length ? el("div", { class: "tags" }, ...tags) : null, item.text || item.kind === null ? text : null),
  );
}

function drawGap(item, actions) {
  const label = [el("span", { class: "dots", "aria-hidden": "true" }, "⋯"), gapTitle(item)];
  const can = item.cursor !== null && actions.read;
  const mark = can
    ? el("button", { type: "button", class: "gap stop", tabindex: "-1", title: "Read these messages here; may spend credits" }, ...label, el("span", { class: "more" }, "Show"))
    : el("div", { class: "gap stop", tabindex: "-1" }, ...label);
  if (can) mark.addEventListener("click", () => actions.read(item, mark));
  mark.id = `item-${item.key}`;
  mark.dataset.key = item.key;
  return mark;
}

/** A person's web address, or null. */
function address({ profile }) {
  return profile === null ? null : `linkedin.com/${profile}`;
}

function drawPeople(conversation) {
  const counts = new Map();
  for (const { person } of conversation.messages) counts.set(person, (counts.get(person) ?? 0) + 1);
  return conversation.peopleInOrder.map((person) => {
    const count = counts.get(person.id) ?? 0;
    const name = el("strong", {}, el("bdi", {}, person.name), person.me ? " (you)" : "");
    return el(
      "li",
      { title: [person.name, address(person)].filter(Boolean).join(", ") },
      avatar(person),
      el("span", { class: "id" }, name, el("small", {}, address(person) ?? "no profile")),
      el("span", { class: "count", title: plural(count, "message") }, String(count)),
    );
  });
}

/** A bar of several shares with a label and a value. `parts`: [class, number, description]. */
function drawMeter(label, value, parts, whole) {
  const bar = el("div", { class: "meter", role: "img", "aria-label": `${label}: ${value}` });
  for (const [name, number, words] of parts) {
    if (!number) continue;
    const share = el("span", { class: name, title: words });
    share.style.width = `${Math.min(100, (number / Math.max(1, whole)) * 100).toFixed(2)}%`;
    bar.append(share);
  }
  return el("div", { class: "figure" }, el("span", { class: "label" }, label), el("span", { class: "value" }, value), bar);
}

function drawFigures(conversation, budget) {
  const { whole, shortened, omitted, beyond, total } = conversation.coverage;
  const here = whole + shortened;
  const split = [
    ["whole", whole, `${whole} whole`],
    ["shortened", shortened, `${shortened} shortened`],
    ["omitted", omitted, `${omitted} left out`],
    ["beyond", beyond ?? 0, `${beyond} not read`],
  ];
  const words = split.slice(1, 3).filter(([, number]) => number).map(([, , text]) => text);
  const figures = [
    drawMeter("Messages", `${here} of ${total ?? here + omitted}`, split, total ?? here + omitted),
    words.length ? el("p", { class: "hint" }, words.join(", ")) : null,
    ...drawCosts(conversation.page, conversation.creditsHere, budget),
  ];
  return figures.filter((figure) => figure !== null);
}

/** Tokens and credits of an answer, and the credits spent here since. */
function drawCosts({ tokens, tokenizer, header }, creditsHere, budget) {
  const meter =
    tokens === null
      ? drawMeter("Tokens", `at most ${budget.toLocaleString("en")}`, [], budget)
      : drawMeter("Tokens", `${tokens.toLocaleString("en")} of ${budget.toLocaleString("en")}`, [["tokens", tokens, `${tokens} ${tokenizer} tokens`]], budget);
  const spent = header.credits === null ? "unknown" : String(header.credits);
  const extra = creditsHere ? ` + ${creditsHere} here` : "";
  return [meter, el("div", { class: "figure" }, el("span", { class: "label" }, "Credits"), el("span", { class: "value" }, spent + extra))];
}

/** What the figures line says beside its counts, as chips. */
function drawFacts(conversation) {
  const { header, banner, people } = conversation.page;
  const facts = [];
  const named = (mark) => people.get(mark) ?? { name: "unknown", me: false };
  if (banner !== null) facts.push(el("li", { class: "banner" }, banner));
  if (header.latest) {
    const { mark, ago, awaited } = header.latest;
    const who = named(mark);
    facts.push(el("li", {}, "Last: ", el("bdi", {}, who.me ? "you" : who.name), `, ${ago}`));
    if (awaited) {
      const turn = named(awaited);
      facts.push(el("li", { class: turn.me ? "turn" : null }, ...(turn.me ? ["Your turn"] : ["Waiting for ", el("bdi", {}, turn.name)])));
    }
  }
  if (header.unread) facts.push(el("li", { class: "turn" }, `${header.unread} unread`));
  if (header.readByRecipient !== null) facts.push(el("li", { class: "minor" }, `Last message ${header.readByRecipient ? "" : "not "}read by recipient`));
  facts.push(el("li", { class: "minor", title: "Time zone of all days and times" }, header.timezone));
  if (header.focus !== null) facts.push(el("li", { dir: "auto" }, `Focus: ${header.focus}`));
  return facts;
}
