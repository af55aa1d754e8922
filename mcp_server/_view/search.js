// Search in the shown texts. Matches are marked by elements around text nodes; the text itself is unchanged.

/** Marks every match of `words` in the texts under `log`; returns the marks in order. */
function markFound(log, words) {
  for (const mark of log.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
  for (const text of log.querySelectorAll(".text")) text.normalize();
  if (!words.trim()) return [];
  const pattern = new RegExp(words.trim().replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&"), "giu");
  const marks = [];
  for (const text of log.querySelectorAll(".text")) {
    const found = [...text.textContent.matchAll(pattern)];
    const [node] = text.childNodes;
    if (!found.length || node?.nodeType !== Node.TEXT_NODE) continue;
    const pieces = [];
    let end = 0;
    for (const match of found) {
      const mark = el("mark", {}, match[0]);
      marks.push(mark);
      pieces.push(node.data.slice(end, match.index), mark);
      end = match.index + match[0].length;
    }
    node.replaceWith(...pieces, node.data.slice(end));
  }
  return marks;
}

/** The search box: marks while typing; Enter moves to the next match, Shift+Enter back, Escape clears it. */
function searchBox(box, count, log) {
  let marks = [];
  let at = -1;
  const show = () => {
    count.textContent = box.value.trim() ? (marks.length ? `${at + 1} of ${marks.length}` : "none") : "";
    marks.forEach((mark, index) => mark.classList.toggle("here", index === at));
    marks[at]?.scrollIntoView({ block: "center" });
  };
  const search = () => {
    marks = markFound(log, box.value);
    // Start at the newest match: that is where the reader is.
    at = marks.length - 1;
    show();
  };
  box.addEventListener("input", search);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && marks.length) {
      at = (at + (event.shiftKey ? 1 : -1) + marks.length) % marks.length;
      show();
    } else if (event.key === "Escape") {
      box.value = "";
      search();
      log.focus();
    } else return;
    event.preventDefault();
  });
  return {
    /** Ends the search, because other texts will be shown. */
    clear: () => {
      box.value = "";
      search();
    },
    /** Searches again after the log was redrawn. */
    refresh: () => {
      if (box.value.trim()) search();
    },
  };
}
