// The connection to the host: JSON-RPC over postMessage (MCP Apps, protocol 2026-01-26).

const PROTOCOL_VERSION = "2026-01-26";
const METHOD_NOT_FOUND = -32601;

/** Connects to the host in `window.parent`. `on[method](params)` handles its notifications. */
function connectHost(on) {
  const host = window.parent;
  const waiting = new Map();
  let lastId = 0;

  // The host's origin is unknown and nothing secret is sent. Messages are accepted from the host's window only.
  const send = (message) => host.postMessage({ jsonrpc: "2.0", ...message }, "*");
  const notify = (method, params = {}) => send({ method, params });
  const request = (method, params) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      send({ id, method, params });
    });

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== host || message?.jsonrpc !== "2.0") return;
    if (message.method === undefined) {
      const waiter = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) waiter?.reject(new Error(String(message.error.message)));
      else waiter?.resolve(message.result);
    } else if (message.id === undefined) {
      if (Object.hasOwn(on, message.method)) on[message.method](message.params ?? {});
    } else if (message.method === "ping" || message.method === "ui/resource-teardown") {
      send({ id: message.id, result: {} });
    } else {
      send({ id: message.id, error: { code: METHOD_NOT_FOUND, message: `No ${message.method} here.` } });
    }
  });

  return {
    /** Initializes. Resolves to `hostCapabilities` and `hostContext`. */
    async hello(version) {
      const welcome = await request("ui/initialize", {
        protocolVersion: PROTOCOL_VERSION,
        appInfo: { name: "conversation-mcp view", version },
        appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
      });
      notify("ui/notifications/initialized");
      return welcome;
    },
    /** Calls a tool of the server through the host; the host may ask the person first. */
    callTool: (name, args) => request("tools/call", { name, arguments: args }),
    /** Requests a display mode. Resolves to the mode that the host set. */
    display: async (mode) => (await request("ui/request-display-mode", { mode })).mode,
    /** Reports the height that the page needs. */
    size: (height) => notify("ui/notifications/size-changed", { height }),
  };
}
