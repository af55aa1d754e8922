// Parses what stands on standard input, a JSON array of texts, with the page's own parser: `tests/view/test_parser.py`.

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const source = readFileSync(new URL("../../mcp_server/_view/transcript.js", import.meta.url), "utf8");
const { parseTranscript, parseStructured, NotATranscript } = runInNewContext(`${source}; ({ parseTranscript, parseStructured, NotATranscript })`);

const answers = JSON.parse(readFileSync(0, "utf8")).map((given) => {
  try {
    return typeof given === "string" ? parseTranscript(given) : parseStructured(given);
  } catch (failure) {
    if (!(failure instanceof NotATranscript)) throw failure;
    return null;
  }
});
process.stdout.write(JSON.stringify(answers));
