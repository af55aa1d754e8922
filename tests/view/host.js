// A host page in small, on the official bridge: fetches the page that the tool names, shows it in a sandboxed frame,
// and passes calls on to the server. The harness bundles it and drives it by `openView`.

import { AppBridge, PostMessageTransport, RESOURCE_MIME_TYPE, getToolUiResourceUri } from "@modelcontextprotocol/ext-apps/app-bridge";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const EXTENSION = "io.modelcontextprotocol/ui";

// Hosts that strip one channel of a result before the view gets it.
const CHANNELS = {
  both: (result) => result,
  text: ({ structuredContent, ...rest }) => rest,
  structured: (result) => ({ ...result, content: [] }),
};

/** Opens the view. `tool`: the one called; `args`: of the call, none for none; `result`: shown in place of the server's answer; the protocol it came to. */
window.openView = async ({ tool: called = "get_conversation", args, result, context = {}, channel = "both", readsMore = true, era = "legacy" }) => {
  const client = new Client({ name: "test host", version: "1" }, {
    capabilities: { extensions: { [EXTENSION]: { mimeTypes: [RESOURCE_MIME_TYPE] } } },
    versionNegotiation: { mode: era },
  });
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", location.href)));
  const tool = (await client.listTools()).tools.find((each) => each.name === called && getToolUiResourceUri(each));
  const [page] = (await client.readResource({ uri: getToolUiResourceUri(tool) })).contents;
  if (page.mimeType !== RESOURCE_MIME_TYPE) throw new Error(`not a page for hosts: ${page.mimeType}`);

  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  document.body.replaceChildren(frame);
  const bridge = new AppBridge(null, { name: "test host", version: "1" }, readsMore ? { serverTools: {} } : {}, {
    hostContext: { toolInfo: { tool }, ...context },
  });
  bridge.oncalltool = async (params) => CHANNELS[channel](await client.callTool(params));
  bridge.onrequestdisplaymode = async ({ mode }) => ({ mode });
  bridge.onsizechange = ({ height }) => {
    window.sizes.push(height);
    if (!context.containerDimensions?.height) frame.style.height = `${height}px`;
  };
  window.sizes = [];
  const ready = new Promise((resolve) => {
    bridge.oninitialized = resolve;
  });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = page.text;
  await ready;
  window.bridge = bridge;
  if (args) await bridge.sendToolInput({ arguments: args });
  const answer = result ?? (args && (await client.callTool({ name: tool.name, arguments: args })));
  if (answer) await bridge.sendToolResult(CHANNELS[channel](answer));
  return client.getNegotiatedProtocolVersion();
};
