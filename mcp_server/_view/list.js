// Parses a list of conversations: a port of listing/parse.py, equally strict. Does not touch the page.

const LIST_ENDS = {
  "No older conversations.": "beginning",
  "No older conversations were delivered.": "incomplete",
  "No older conversations were asked for.": "asked",
  "Older conversations could not be reached.": "stopped",
};
const ALL_TEXTS = "all texts";
const LIST_HEADER = whole(
  `(\\d+) looked at \\((?:(${DAYS}), )?([A-Za-z0-9_+\\/\\-]+)\\), (\\d+) matched, (\\d+) shown, (\\d+) to answer\\.`,
  " (?:(\\d+) credits?|Credits unknown)\\.(?: Show: (unread|to_answer)\\.)?",
  `(?: Searched (${ALL_TEXTS}|names, headlines and last messages): ${REST})?`,
);
const ENTRY = whole(`([A-Za-z0-9\\-]\\S*) (\\d\\d:\\d\\d|\\?\\?:\\?\\?) ([><?]|them|me)\\u200e?(?:\\[([^\\]]*)\\])? ${REST}`);
const TAGGED_UNREAD = whole("([1-9]\\d*) unread");
const LIST_MORE = whole("More: older conversations\\. next_cursor: (\\S+)");

/** The list in the text channel. Throws NotATranscript. */
function parseList(text) {
  const lines = text.split("\n");
  const { at, ...head } = parseListHead(lines);
  const footer = parseListFooter(at < lines.length ? lines[lines.length - 1] : "");
  return { ...head, items: parseListItems(lines.slice(at, -1), head.header), footer };
}

/** The list in the structured content, whose footer is in separate keys. Throws NotATranscript. */
function parseStructuredList(structured) {
  const lines = structured.list.split("\n");
  if (lines.pop() !== "") throw new NotATranscript("the last line does not end");
  const { at, ...head } = parseListHead(lines);
  const cursor = structured.next_cursor ?? null;
  const footer = cursor === null ? { why: null } : { nextCursor: cursor };
  return { ...head, items: parseListItems(lines.slice(at), head.header), footer };
}

function parseListHead(lines) {
  let at = 0;
  const banner = LIST_HEADER.test(lines[0]) ? null : lines[at++];
  const header = parseListHeader(at < lines.length ? lines[at] : "");
  at += 1;
  const notes = [];
  while (at < lines.length && lines[at].startsWith("! ")) notes.push(lines[at++].slice(2));
  return { at, banner, header, notes };
}

function parseListHeader(line) {
  const found = LIST_HEADER.exec(line);
  if (!found) throw new NotATranscript(`no summary line: ${line.slice(0, 80)}`);
  const [, lookedAt, days, timezone, matched, shown, toAnswer, credits, show, where, quoted] = found;
  const [first, last] = days ? parseDays(days, null) : [null, null];
  return {
    lookedAt: Number(lookedAt),
    matched: Number(matched),
    shown: Number(shown),
    toAnswer: Number(toAnswer),
    first,
    last,
    timezone,
    credits: credits === undefined ? "unknown" : Number(credits),
    show: show ?? "all",
    search: where === undefined ? null : { quoted, allTexts: where === ALL_TEXTS },
  };
}

function parseListItems(lines, header) {
  const items = [];
  let year = header.last ? Number(header.last.slice(0, 4)) : null;
  for (const line of lines) {
    const before = items.at(-1);
    const inEntry = before?.type === "entry" && !before.text;
    let found;
    if (line.startsWith("  ") && inEntry && !before.headline) {
      before.headline = line.slice(2);
    } else if (line.startsWith(" ") && inEntry) {
      before.text = line.slice(1);
    } else if (line.startsWith("# ")) {
      const date = parseDay(line.slice(2), year);
      year = Number(date.slice(0, 4));
      items.push({ type: "day", date });
    } else if ((found = ENTRY.exec(line))) {
      items.push(parseListEntry(found));
    } else {
      throw new NotATranscript(`not an entry: ${line.slice(0, 80)}`);
    }
  }
  return items;
}

function parseListEntry([, target, time, turn, tagged, name]) {
  const tags = tagged ? tagged.split("; ") : [];
  const unread = tags.length ? TAGGED_UNREAD.exec(tags[0]) : null;
  if (unread) tags.shift();
  return { type: "entry", target, time, turn, name, unread: unread ? Number(unread[1]) : 0, tags, headline: "", text: "" };
}

function parseListFooter(line) {
  const more = LIST_MORE.exec(line);
  if (more) return { nextCursor: more[1] };
  if (Object.hasOwn(LIST_ENDS, line)) return { why: LIST_ENDS[line] };
  throw new NotATranscript(`no footer: ${line.slice(0, 80)}`);
}
