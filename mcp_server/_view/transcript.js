// Parses a transcript: a port of transcript/parse.py, equally strict. Does not touch the page. Days are "2026-04-20".

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const ENDS = {
  "No older messages.": "beginning",
  "No older messages were delivered.": "incomplete",
  "Nothing older was asked for.": "asked",
  "Older messages could not be reached.": "stopped",
};

const DAY = "(?:[A-Z][a-z]{2} \\d{1,2}(?: \\d{4})?)";
const DAYS = `${DAY}(?: - (?:${DAY}|\\d{1,2}(?: \\d{4})?))?`;
const ONE_DAY = new RegExp(`^${DAY}$`, "u");
// Names and letters: neither spaces, digits nor ASCII punctuation, but for apostrophes and hyphens within.
const LABEL = "(?![A-Z]{4,}[ :])[^\\x00-@\\[-`{-~\\s][^\\x00-&\\(-,.-@\\[-`\\{-~\\s]*";
const MARK = `(?:>|<|\\?|${LABEL})`;
const AGO = "just now|\\d+ [a-z]+ ago";
// JavaScript's dot excludes more line ends than a transcript has.
const REST = "([^\\n]*)";
const whole = (...pieces) => new RegExp(`^(?:${pieces.join("")})$`, "u");

const READ_BY_RECIPIENT = "Last message read by recipient.";
// Older transcripts say "Seen" or "Not seen", with or without a day.
const READ = `(?:Last message (?:not )?read by recipient\\.|Seen(?: ${DAY})?\\.|Not seen\\.)`;
const SPEAKER = whole(`(?:(>|<|[A-Z]{1,3})\\u200e?|(${LABEL}):) (\\(me\\) )?((?:in|company|school|showcase)\\/\\S+|-) ${REST}`);
const HEADER = whole(
  "(\\d+)(?: of (\\d+))? messages?",
  "(?: \\((?:(\\d+) whole)?(?:, )?(?:(\\d+) shortened)?(?:, )?(?:(\\d+) left out)?\\))?",
  `(?:, (${DAYS}))?, ([A-Za-z0-9_+\\/\\-]+)\\.`,
  `(?: Last: (${MARK}) (${AGO})(?:, (${MARK}) to answer)?\\.)?`,
  `(?: Unread: (\\d+)\\.)?(?: (${READ}))?(?: (?:(\\d+) credits?|Credits (unknown))\\.)?(?: Focus: ${REST})?`,
);
const GAP = whole(`~ ?(\\d+) messages?(?:, (${DAYS}))?(?: \\[(\\d+)\\])?`);
const WINDOW = whole("window_cursor: (\\S+)");
const LINE = whole(
  `(?:(\\d\\d:\\d\\d|\\?\\?:\\?\\?) )?(?:(${LABEL})(:)?|([><?\\-])\\u200e?)(~)?`,
  `(?:\\[([^\\]]*)\\]|(\\(no text\\)))? ${REST}`,
);
const PART = whole("characters (\\d+)-(\\d+) of (\\d+)");
const MORE = whole("More: (?:(\\d+) older|older messages)\\. next_cursor: (\\S+)");

class NotATranscript extends Error {}

/** The transcript in the text channel. Throws NotATranscript. */
function parseTranscript(text) {
  const lines = text.split("\n");
  const { at, ...head } = parseHead(lines);
  let end = lines.length - 1;
  const window = end > at ? WINDOW.exec(lines[end - 1]) : null;
  if (window) end -= 1;
  return {
    ...head,
    entries: parseEntries(lines.slice(at, end), head),
    footer: parseFooter(lines[lines.length - 1]),
    windowCursor: window ? window[1] : null,
  };
}

/** The transcript in the structured content, whose footer is in separate keys. Throws NotATranscript. */
function parseStructured(structured) {
  const lines = structured.transcript.split("\n");
  if (lines.pop() !== "") throw new NotATranscript("the last line does not end");
  const { at, ...head } = parseHead(lines);
  const cursor = structured.next_cursor ?? null;
  return {
    ...head,
    entries: parseEntries(lines.slice(at), head),
    footer: cursor === null ? { why: null } : { nextCursor: cursor, older: null },
    windowCursor: structured.window_cursor ?? null,
  };
}

function parseHead(lines) {
  let at = 0;
  let banner = null;
  if (!SPEAKER.test(lines[0]) && !HEADER.test(lines[0])) banner = lines[at++];
  const speakers = [];
  for (let found; at < lines.length && (found = SPEAKER.exec(lines[at])); at++) {
    const [, mark, label, me, profile, name] = found;
    speakers.push({ mark: mark ?? label, name, profile: profile === "-" ? null : profile, me: me !== undefined });
  }
  const header = parseHeader(at < lines.length ? lines[at] : "");
  at += 1;
  const notes = [];
  while (at < lines.length && lines[at].startsWith("! ")) notes.push(lines[at++].slice(2));
  return { at, banner, speakers, header, notes };
}

function parseHeader(line) {
  const found = HEADER.exec(line);
  if (!found) throw new NotATranscript(`no summary line: ${line.slice(0, 80)}`);
  const [, covered, total, kept, shortened, omitted, days, timezone] = found;
  const [lastMark, ago, awaited, unread, read, spent, spentUnknown, focus] = found.slice(8);
  const [first, last] = days ? parseDays(days, null) : [null, null];
  const number = (digits) => (digits === undefined ? null : Number(digits));
  return {
    shown: kept || shortened || omitted ? Number(kept ?? 0) : Number(covered),
    shortened: Number(shortened ?? 0),
    omitted: Number(omitted ?? 0),
    total: number(total),
    first,
    last,
    timezone,
    latest: lastMark === undefined ? null : { mark: lastMark, ago, awaited: awaited ?? null },
    unread: number(unread),
    readByRecipient: read === undefined ? null : read === READ_BY_RECIPIENT || read.startsWith("Seen"),
    credits: spentUnknown ?? number(spent),
    focus: focus ?? null,
  };
}

function parseEntries(lines, { header, speakers }) {
  const marks = new Set(speakers.map(({ mark }) => mark));
  const entries = [];
  let year = header.first ? Number(header.first.slice(0, 4)) : null;
  for (const line of lines) {
    const before = entries.at(-1);
    let found;
    if (line.startsWith(" ") && before?.type === "line") {
      before.text += `\n${line.slice(1)}`;
    } else if (line.startsWith("# ")) {
      const date = parseDay(line.slice(2), year);
      year = Number(date.slice(0, 4));
      entries.push({ type: "day", date });
    } else if ((found = GAP.exec(line))) {
      const [first, last] = found[2] ? parseDays(found[2], year) : [null, null];
      entries.push({ type: "gap", count: Number(found[1]), first, last, at: found[3] ? Number(found[3]) : null });
    } else if ((found = LINE.exec(line)) && isMark(found, marks)) {
      entries.push(parseLine(found, before));
    } else {
      throw new NotATranscript(`a line that is none: ${line.slice(0, 80)}`);
    }
  }
  return entries;
}

/** Whether a line begins with a sign, with letters and a colon, or with a name that is in the legend. */
function isMark([, , label, colon], marks) {
  return label === undefined || marks.has(label) || (/^[A-Z]{1,3}$/u.test(label) && colon !== undefined);
}

function parseLine([, time, label, , sign, cut, tag, , text], before) {
  let mark = label ?? sign;
  if (mark === "-") {
    if (before?.type !== "line") throw new NotATranscript("'-' with nobody before it");
    mark = before.mark;
  }
  let kind = tag ?? null;
  let part = null;
  if (tag !== undefined) {
    const split = tag.lastIndexOf("; ");
    const found = PART.exec(split < 0 ? tag : tag.slice(split + 2));
    if (found) {
      part = { start: Number(found[1]), end: Number(found[2]), total: Number(found[3]) };
      kind = split < 0 ? null : tag.slice(0, split) || null;
    }
  }
  return { type: "line", mark, text, time: time ?? null, kind, part, shortened: cut !== undefined };
}

function parseFooter(line) {
  const more = MORE.exec(line);
  if (more) return { nextCursor: more[2], older: more[1] === undefined ? null : Number(more[1]) };
  if (Object.hasOwn(ENDS, line)) return { why: ENDS[line] };
  throw new NotATranscript(`no footer: ${line.slice(0, 80)}`);
}

function parseDay(text, year) {
  if (!ONE_DAY.test(text)) throw new NotATranscript(`not a day: ${text.slice(0, 40)}`);
  const [month, day, named = year] = text.split(" ");
  if (named === null) throw new NotATranscript(`a day without a year: ${text.slice(0, 40)}`);
  const pad = (number, length) => String(number).padStart(length, "0");
  const date = `${pad(named, 4)}-${pad(MONTHS.indexOf(month) + 1, 2)}-${pad(day, 2)}`;
  // A date that is none comes back as another one, or as none at all.
  const time = Date.parse(`${date}T00:00Z`);
  if (Number(named) < 1 || Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) {
    throw new NotATranscript(`not a day: ${text.slice(0, 40)}`);
  }
  return date;
}

/** Both days: what the second leaves out is as in the first, a year named last is of both. */
function parseDays(text, year) {
  const split = text.indexOf(" - ");
  if (split < 0) {
    const day = parseDay(text, year);
    return [day, day];
  }
  const first = text.slice(0, split);
  let last = text.slice(split + 3);
  if (/^\d/u.test(last)) last = `${first.split(" ")[0]} ${last}`;
  const end = parseDay(last, year);
  return [parseDay(first, Number(end.slice(0, 4))), end];
}
