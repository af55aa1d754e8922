// The timeline: a lane per person, a bar per interval, hatching where messages were left out.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BINS = 96;
const MOST_LANES = 11;

/** {lanes: [{person, bars}], gaps, ticks} with positions from 0 to 1, or null if there is nothing to show. */
function layOutTimeline(conversation) {
  const dated = conversation.messages.filter((item) => item.day !== null);
  if (dated.length < 2) return null;
  const times = dated.map((item) => timeOf(item.day, item.minute ?? 720));
  const gaps = stretchesOf(conversation.items);
  const start = Math.min(...times, ...gaps.map((gap) => gap.from));
  const end = Math.max(...times, ...gaps.map((gap) => gap.to), start + HOUR_MS);
  const place = (time) => (time - start) / (end - start);

  const lanes = new Map();
  dated.forEach((item, index) => {
    if (!lanes.has(item.person)) lanes.set(item.person, new Map());
    const bin = Math.min(BINS - 1, Math.floor(place(times[index]) * BINS));
    const bar = lanes.get(item.person).get(bin) ?? { at: (bin + 0.5) / BINS, count: 0, item };
    lanes.get(item.person).set(bin, { ...bar, count: bar.count + 1 });
  });
  return {
    lanes: lanesOf(conversation, lanes),
    gaps: gaps.map(({ from, to, item }) => ({ from: place(from), length: place(to) - place(from), item })),
    ticks: ticksOf(start, end).map(({ time, label }) => ({ at: place(time), label })),
  };
}

/** A lane per sender, in the order of the list of people. If there are many, the least active share a lane. */
function lanesOf(conversation, bars) {
  const people = conversation.peopleInOrder.filter((person) => bars.has(person.id));
  const count = ({ id }) => [...bars.get(id).values()].reduce((sum, bar) => sum + bar.count, 0);
  const most = new Set([...people].sort((a, b) => count(b) - count(a)).slice(0, MOST_LANES));
  const lane = (person) => ({ person, bars: [...bars.get(person.id).values()] });
  const lanes = people.filter((person) => most.has(person)).map(lane);
  const others = people.filter((person) => !most.has(person));
  if (others.length) {
    lanes.push({ person: { name: plural(others.length, "other"), hue: null }, bars: others.flatMap((one) => lane(one).bars) });
  }
  return lanes;
}

/** Gaps with a known position in time: between the messages around them, within their days. */
function stretchesOf(items) {
  const timeAt = (index) => {
    const item = items[index];
    return item?.type === "message" && item.day !== null ? timeOf(item.day, item.minute ?? 720) : null;
  };
  return items.flatMap((item, index) => {
    if (item.type !== "gap") return [];
    const from = Math.max(timeAt(index - 1) ?? -Infinity, item.first === null ? -Infinity : timeOf(item.first, 0));
    const to = Math.min(timeAt(index + 1) ?? Infinity, item.last === null ? Infinity : timeOf(item.last, 1439));
    return Number.isFinite(from) && Number.isFinite(to) && from <= to ? [{ from, to, item }] : [];
  });
}

function timeOf(day, minute) {
  return Date.parse(`${day}T00:00Z`) + minute * 60_000;
}

/** At most six ticks: hours, days or months, depending on the span. */
function ticksOf(start, end) {
  const span = end - start;
  const ticks = [];
  if (span > 75 * DAY_MS) {
    const months = Math.ceil(span / DAY_MS / 30 / 5);
    const time = new Date(start);
    time.setUTCDate(1);
    time.setUTCHours(0, 0, 0, 0);
    for (; time.getTime() <= end; time.setUTCMonth(time.getUTCMonth() + months)) {
      const year = time.getUTCMonth() < months || ticks.length === 0 ? ` ${time.getUTCFullYear()}` : "";
      if (time.getTime() >= start) ticks.push({ time: time.getTime(), label: MONTHS[time.getUTCMonth()] + year });
    }
    return ticks;
  }
  const days = Math.ceil(span / DAY_MS / 5);
  const hours = [1, 2, 3, 6, 12].find((number) => number * 5 >= span / HOUR_MS);
  const step = hours ? hours * HOUR_MS : days * DAY_MS;
  for (let time = Math.ceil(start / step) * step; time <= end; time += step) {
    ticks.push({ time, label: time % DAY_MS ? new Date(time).toISOString().slice(11, 16) : shortDay(new Date(time)) });
  }
  return ticks;
}

function shortDay(time) {
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]}`;
}

/** The timeline as elements; a click on anything in it calls `onPick(item)`. */
function drawTimeline(layout, onPick) {
  const percent = (share) => `${(share * 100).toFixed(2)}%`;
  const most = Math.max(...layout.lanes.flatMap((lane) => lane.bars.map((bar) => bar.count)));
  const hatching = layout.gaps.map((gap) => {
    const stretch = el("div", { class: "hatch", title: gapTitle(gap.item) });
    stretch.style.left = percent(gap.from);
    stretch.style.width = percent(gap.length);
    stretch.addEventListener("click", () => onPick(gap.item));
    return stretch;
  });
  const lanes = layout.lanes.map(({ person, bars }) => {
    const lane = el("div", { class: layout.lanes.length > 6 ? "lane low" : "lane" });
    if (person.hue !== null) lane.style.setProperty("--hue", person.hue);
    for (const bar of bars) {
      const label = `${person.name}: ${plural(bar.count, "message")}, ${longDay(bar.item.day)}`;
      const mark = el("div", { class: "bar", title: label });
      mark.style.left = percent(bar.at);
      mark.style.height = percent(0.3 + 0.7 * (bar.count / most));
      mark.addEventListener("click", () => onPick(bar.item));
      lane.append(mark);
    }
    return lane;
  });
  const ticks = layout.ticks.map(({ at, label }) => {
    const tick = el("span", { class: "tick" }, label);
    tick.style.left = percent(at);
    if (at < 0.06) tick.classList.add("early");
    if (at > 0.94) tick.classList.add("late");
    return tick;
  });
  return [el("div", { class: "lanes" }, ...hatching, ...lanes), el("div", { class: "ticks" }, ...ticks)];
}
