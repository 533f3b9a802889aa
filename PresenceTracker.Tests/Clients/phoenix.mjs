// Two clients of phoenix.js on two Hosts: Presence.list equals the server's list after each step, and its callbacks fire as they do against
// Phoenix.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { Presence, Socket } from "phoenix";
import WebSocket from "ws";
import { equalLists, finish, hosts, restart, step, until } from "./steps.mjs";

const topic = "room:phoenix.js";

function connect(url, key, meta) {
  const socket = new Socket(`${url.replace("http", "ws")}/socket`, {
    transport: WebSocket, timeout: 5000, reconnectAfterMs: () => 200, rejoinAfterMs: () => 200,
  });
  socket.connect();
  return { socket, ...join(socket, key, meta) };
}

function join(socket, key, meta) {
  const channel = socket.channel(topic, { key, meta });
  const presence = new Presence(channel);
  const events = [];
  let syncs = 0;
  presence.onJoin((who, current, joined) => events.push(["join", who, current?.metas.length ?? 0, joined.metas.length]));
  presence.onLeave((who, current, left) => events.push(["leave", who, current.metas.length, left.metas.length]));
  presence.onSync(() => syncs++);
  const ready = new Promise((resolve, reject) => channel.join().receive("ok", resolve).receive("error", reject));
  return { channel, presence, events, ready, syncs: () => syncs };
}

const push = (client, event, payload) => new Promise((resolve, reject) =>
  client.channel.push(event, payload).receive("ok", resolve).receive("error", reject).receive("timeout", reject));

const list = ({ presence }) => Object.fromEntries(presence.list((key, value) => [key, value]));

const equal = (...clients) => equalLists(topic, clients.map(client => () => list(client)));

async function saw(client, ...events) {
  await until(() => client.events.length >= events.length, () => `${JSON.stringify(client.events)}, not ${JSON.stringify(events)}`);
  assert.deepEqual(client.events.splice(0), events);
}

// Of a key that was on a node that died, others see one presence in the place of the other, or, where it is back too late, the key go and come.
// Nothing else, and each once: so does Phoenix.
function sawReturn(client, key) {
  const events = client.events.filter(([, who]) => who === key);
  const inTime = [["join", key, 1, 1], ["leave", key, 1, 1]];
  const late = [["leave", key, 0, 1], ["join", key, 0, 1]];
  assert.ok(isDeepStrictEqual(events, inTime) || isDeepStrictEqual(events, late), JSON.stringify(client.events));
}

let ann, bob;

await step("two clients join on two nodes", async () => {
  ann = connect(hosts[0], "ann", { name: "Ann" });
  await ann.ready;
  await saw(ann, ["join", "ann", 0, 1]);
  bob = connect(hosts[1], "bob", { name: "Bob" });
  await bob.ready;
  await saw(ann, ["join", "bob", 0, 1]);
  await equal(ann, bob);
  assert.ok(ann.syncs() >= 2 && bob.syncs() >= 1);
  bob.events.length = 0;
});

await step("an update is the new meta in and the old one out", async () => {
  const { ref } = await push(bob, "presence_update", { meta: { name: "Bob", away: true } });
  await saw(ann, ["join", "bob", 1, 1], ["leave", "bob", 1, 1]);
  assert.equal(ann.presence.state.bob.metas[0].phx_ref, ref);
  await equal(ann, bob);
  bob.events.length = 0;
});

await step("a key that leaves is gone, and the channel still watches", async () => {
  await push(bob, "presence_leave", {});
  await saw(ann, ["leave", "bob", 0, 1]);
  await saw(bob, ["leave", "bob", 0, 1]);
  await equal(ann, bob);
});

await step("a channel that leaves and joins again has the state", async () => {
  await new Promise(resolve => bob.channel.leave().receive("ok", resolve));
  Object.assign(bob, join(bob.socket, "bob", { name: "Bob", again: true }));
  await bob.ready;
  await saw(ann, ["join", "bob", 0, 1]);
  await equal(ann, bob);
  bob.events.length = 0;
});

await step("a second join of a socket takes the place of the first", async () => {
  bob.channel.trigger("phx_error");
  await until(() => bob.channel.state === "joined" && !bob.presence.inPendingSyncState(), () => bob.channel.state);
  await equal(ann, bob);
  assert.deepEqual(ann.events.splice(0), []);
});

await step("a page that is reloaded, onto the other node, never leaves", async () => {
  ann.socket.disconnect();
  ann = connect(hosts[1], "ann", { name: "Ann", page: 2 });
  await ann.ready;
  await saw(bob, ["join", "ann", 1, 1], ["leave", "ann", 1, 1]);
  await equal(ann, bob);
  ann.socket.disconnect();
  ann = connect(hosts[0], "ann", { name: "Ann", page: 3 });
  await ann.ready;
  await saw(bob, ["join", "ann", 1, 1], ["leave", "ann", 1, 1]);
  await equal(ann, bob);
});

await step("a node that is killed and started again has its clients back", async () => {
  await equal(ann, bob);
  ann.events.length = bob.events.length = 0;
  await restart(0);
  await until(() => ann.channel.state === "joined" && !ann.presence.inPendingSyncState(), () => ann.channel.state);
  await until(() => bob.events.length >= 2 && ann.events.length >= 2, () => JSON.stringify([ann.events, bob.events]));
  await equal(ann, bob);
  sawReturn(bob, "ann");
  assert.ok(bob.events.every(([, who]) => who === "ann"), JSON.stringify(bob.events));

  // A node that has just started may list nobody at first; Bob has never been away.
  sawReturn(ann, "ann");
  const ofBob = ann.events.filter(([, who]) => who === "bob");
  assert.ok(ofBob.length === 0 || isDeepStrictEqual(ofBob, [["leave", "bob", 0, 1], ["join", "bob", 0, 1]]), JSON.stringify(ofBob));
  assert.ok(ann.events.every(([, who]) => who === "ann" || who === "bob"), JSON.stringify(ann.events));
  ann.events.length = bob.events.length = 0;
});

await step("keys of prototypes harm nobody", async () => {
  const evil = connect(hosts[1], "__proto__", { evil: true });
  await assert.rejects(evil.ready, { reason: "key: __proto__ is not allowed, any other name is (option: key)" });
  evil.socket.disconnect();
  const odd = connect(hosts[1], "constructor", {});
  await odd.ready;
  await saw(bob, ["join", "constructor", 0, 1]);
  await equal(bob, ann);
  await new Promise(resolve => odd.channel.leave().receive("ok", resolve));
  await saw(bob, ["leave", "constructor", 0, 1]);
  odd.socket.disconnect();
});

await step("who closes the socket leaves once, when the grace is over", async () => {
  ann.socket.disconnect();
  await saw(bob, ["leave", "ann", 0, 1]);
  await equal(bob);
  bob.socket.disconnect();
});

finish();
