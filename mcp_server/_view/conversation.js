// The state of the conversation, merged from the server's answers. Does not touch the page.
//
// An item is a message  {type, key, person, day, time, minute, text, kind, part, shortened, cursor}
// or a gap {type, key, count, first, last, cursor}. `cursor` reads it whole; null if it cannot be read.

const UNKNOWN_PERSON = "?";
let lastKey = 0;

/** A parsed tool result: {page}, {list}, {error: text} or, if it is neither transcript nor list, {plain: text}. */
function readResult(result) {
  const text = (result.content ?? []).filter((block) => block.type === "text").map((block) => block.text).join("\n");
  if (result.isError) return { error: text };
  const structured = result.structuredContent;
  const { tokens = null, tokenizer = "o200k_base" } = structured ?? {};
  const counted = { tokens, tokenizer: String(tokenizer) };
  const readings = [
    () => ({ page: pageOf(parseTranscript(text), counted) }),
    () => ({ page: pageOf(parseStructured(structured), counted) }),
    () => ({ list: { ...parseList(text), ...counted } }),
    () => ({ list: { ...parseStructuredList(structured), ...counted } }),
  ];
  for (const read of readings) {
    try {
      return read();
    } catch (failure) {
      // Either channel is enough, because hosts may strip one. Anything else is shown unchanged.
      if (!(failure instanceof NotATranscript) && !(failure instanceof TypeError)) throw failure;
    }
  }
  return { plain: text };
}

function pageOf(transcript, counted) {
  const { banner, header, notes, footer, windowCursor } = transcript;
  const people = peopleOf(transcript.speakers);
  return { banner, header, notes, footer, ...counted, people, items: itemsOf(transcript.entries, people, windowCursor) };
}

/** Maps marks to people. People are identified by profile if they have one; marks change between answers. */
function peopleOf(speakers) {
  const people = new Map();
  for (const { mark, name, profile, me } of speakers) {
    const id = profile ?? `${mark} ${name}`;
    people.set(mark, { id, name, profile, me });
  }
  return people;
}

function itemsOf(entries, people, windowCursor) {
  const items = [];
  let day = null;
  let minute = null;
  for (const entry of entries) {
    if (entry.type === "day") {
      day = entry.date;
      minute = null;
    } else if (entry.type === "gap") {
      items.push({ ...entry, key: ++lastKey, cursor: null });
      minute = null;
    } else {
      // A message without a time is in the same clock hour as the one above, or later.
      const undated = entry.time === "??:??" || (entry.time === null && minute === null);
      if (entry.time === null) minute = undated ? null : minute % 60 === 59 ? minute : minute + 1;
      else minute = undated ? null : Number(entry.time.slice(0, 2)) * 60 + Number(entry.time.slice(3));
      const person = people.get(entry.mark)?.id ?? UNKNOWN_PERSON;
      const time = undated ? null : entry.time;
      items.push({ ...entry, type: "message", key: ++lastKey, person, day: undated ? null : day, time, minute, cursor: null });
    }
  }
  if (windowCursor !== null) numberItems(items, windowCursor);
  return items;
}

/** Gives items their cursors. Messages are numbered from the newest, 0; the numbers of gaps must agree. */
function numberItems(items, windowCursor) {
  let number = 0;
  const numbered = [];
  for (const item of items.toReversed()) {
    if (item.type === "gap" && item.at !== null && item.at !== number) return;
    numbered.push([item, `${windowCursor}:${number}`]);
    number += item.type === "gap" ? item.count : 1;
  }
  for (const [item, cursor] of numbered) {
    if (item.type === "gap" ? item.at !== null : item.shortened) item.cursor = cursor;
  }
}

/** The conversation so far: the answer that the model received, and messages read here since. */
class Conversation {
  /** `asked` are the arguments of the call. */
  constructor(page, asked) {
    this.page = page;
    this.asked = asked;
    this.items = page.items;
    this.footer = page.footer;
    this.notes = [...page.notes];
    this.creditsHere = 0;
    this.people = new Map();
    this._addPeople(page);
  }

  /** Puts older messages in front. */
  addOlder(page) {
    this.items = [...page.items, ...this.items];
    this.footer = page.footer;
    this._merge(page);
  }

  /** Replaces `item`, a gap or a shortened message, by the messages of `page`. */
  fill(item, page) {
    const messages = page.items.filter((found) => found.type === "message");
    const here = this.items.indexOf(item);
    if (here < 0 || !messages.length) return;
    const left = (item.type === "gap" ? item.count : 1) - messages.length;
    const filling = item.type === "gap" ? messages : messages.slice(-1);
    if (item.type === "gap" && left > 0 && page.footer.nextCursor) {
      filling.unshift({ ...item, key: ++lastKey, count: left, cursor: page.footer.nextCursor });
    }
    this.items = [...this.items.slice(0, here), ...filling, ...this.items.slice(here + 1)];
    this._merge(page);
  }

  person(id) {
    return this.people.get(id) ?? { id, name: "Unknown sender", profile: null, me: false, hue: null };
  }

  /** All people, the account owner last. */
  get peopleInOrder() {
    const ids = new Set([...this.people.keys(), ...this.messages.map((item) => item.person)]);
    return [...ids].map((id) => this.person(id)).sort((a, b) => a.me - b.me);
  }

  get messages() {
    return this.items.filter((item) => item.type === "message");
  }

  /** Numbers of messages. `beyond` are neither shown nor in a gap; null if unknown. */
  get coverage() {
    const shortened = this.messages.filter((item) => item.shortened).length;
    const omitted = this.items.reduce((sum, item) => sum + (item.type === "gap" ? item.count : 0), 0);
    const whole = this.messages.length - shortened;
    const { total } = this.page.header;
    const beyond = total === null ? null : Math.max(0, total - whole - shortened - omitted);
    return { whole, shortened, omitted, beyond, total };
  }

  _merge(page) {
    this.creditsHere += Number(page.header.credits) || 0;
    this.notes.push(...page.notes.filter((note) => !this.notes.includes(note)));
    this._addPeople(page);
  }

  _addPeople(page) {
    for (const person of page.people.values()) {
      const known = this.people.get(person.id);
      if (known) known.me ||= person.me;
      else this.people.set(person.id, { ...person, hue: hueOf(this.people.size, person.me) });
    }
  }
}

/** Distinct colours for the first dozen people; the account owner has a separate one. */
function hueOf(number, me) {
  return me ? 190 : [28, 285, 145, 345, 85, 250, 55, 315, 120, 10, 265, 165][number % 12];
}
