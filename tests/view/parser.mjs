// Parses what stands on standard input, a JSON array of texts, with the page's own parser: `tests/view/parsers.py`.
//
//     node parser.mjs transcripts | lists

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const source = ["transcript.js", "list.js"].map((name) => readFileSync(new URL(`../../mcp_server/_view/${name}`, import.meta.url), "utf8")).join("\n");
const PARSERS = "({ transcripts: [parseTranscript, parseStructured], lists: [parseList, parseStructuredList], NotATranscript })";
const { NotATranscript, ...parsers } = runInNewContext(`${source}; ${PARSERS}`);
const [parseText, parseStructured] = parsers[process.argv[2]];

const answers = JSON.parse(readFileSync(0, "utf8")).map((given) => {
  try {
    return typeof given === "string" ? parseText(given) : parseStructured(given);
  } catch (failure) {
    if (!(failure instanceof NotATranscript)) throw failure;
    return null;
  }
});
process.stdout.write(JSON.stringify(answers));
