// The MCP SDK for TypeScript: a conversation found in the list, and two pages of it, as its program gets them.
//
//     node read.mjs [URL | COMMAND...]      ERA=legacy for clients and servers from before 2026

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [first, ...rest] = process.argv.length > 2 ? process.argv.slice(2) : ["conversation-mcp", "--sandbox"];
const transport = first.includes("://")
  ? new StreamableHTTPClientTransport(new URL(first))
  : new StdioClientTransport({ command: first, args: rest, env: process.env });

const mode = process.env.ERA ?? "auto";
const client = new Client({ name: "example", version: "1" }, { versionNegotiation: { mode } });
await client.connect(transport);
const list = await client.callTool({ name: "list_conversations", arguments: { count: 5, query: "priya" } });
console.log(`=== list\n${JSON.stringify(list)}`);
const target = list.content[0].text.match(/(in\/\S+) \d\d:\d\d/)[1];
let cursor = null;
for (const page of [1, 2]) {
  const result = await client.callTool({
    name: "get_conversation",
    arguments: { profile_url: target, count: 5, cursor },
  });
  console.log(`=== page ${page}\n${JSON.stringify(result)}`);
  cursor = result.content[0].text.match(/next_cursor: ([\w-]+)/)[1];
}
await client.close();
