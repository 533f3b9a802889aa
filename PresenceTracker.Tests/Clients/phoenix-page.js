// Somebody in a room by phoenix.js in a browser, as a page of a node has it. The test that opened the page calls what stands in window.person.

import { Presence, Socket } from "./phoenix.mjs";

const [topic, key] = ["topic", "key"].map(name => new URLSearchParams(location.search).get(name));
const socket = new Socket("/socket", { timeout: 5000, reconnectAfterMs: () => 200, rejoinAfterMs: () => 200 });
const events = [];
let channel;
let presence;

const answered = push => new Promise((resolve, reject) => push
  .receive("ok", resolve)
  .receive("error", ({ reason }) => reject(new Error(reason)))
  .receive("timeout", () => reject(new Error("timeout"))));

window.person = {
  join: status => {
    channel = socket.channel(topic, { key, meta: { status } });
    presence = new Presence(channel);
    presence.onJoin((who, current, joined) => events.push(`${who} joins: ${current?.metas.length ?? "none"} and ${joined.metas.length}`));
    presence.onLeave((who, current, left) => events.push(`${who} leaves: ${current.metas.length} without ${left.metas.length}`));
    presence.onSync(() => events.push("sync"));
    return answered(channel.join());
  },
  update: status => answered(channel.push("presence_update", { meta: { status } })),
  untrack: () => answered(channel.push("presence_leave", {})),
  leave: () => answered(channel.leave()),
  list: () => Object.fromEntries(presence.list((who, entry) => [who, entry])),
  events: () => events.splice(0),
};

socket.connect();
