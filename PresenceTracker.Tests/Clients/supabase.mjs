// Two clients of Supabase Realtime on two Hosts: presenceState equals the server's list after each step, and sync, join and leave fire. The
// third argument is the package: newer ones take the refs of a key's present metas away when another meta joins, and cannot remove them any
// more, whatever the server; with these the steps in which a key has a second meta are left out.
import assert from "node:assert/strict";
import WebSocket from "ws";
import { equalLists, finish, hosts, restart, step, until } from "./steps.mjs";

const packageName = process.argv[4];
const { RealtimeClient } = await import(packageName);
const keepsRefs = packageName === "@supabase/realtime-js";
const name = "lobby";

function connect(url, key) {
  const client = new RealtimeClient(`${url.replace("http", "ws")}/socket`, {
    transport: WebSocket, params: { apikey: "any" }, timeout: 5000, reconnectAfterMs: () => 200,
  });
  const channel = client.channel(name, { config: { presence: { key } } });
  const events = [];
  let syncs = 0;
  channel
    .on("presence", { event: "sync" }, () => syncs++)
    .on("presence", { event: "join" }, ({ key, newPresences }) => events.push(["join", key, newPresences.length]))
    .on("presence", { event: "leave" }, ({ key, leftPresences }) => events.push(["leave", key, leftPresences.length]));
  const person = { client, channel, events, syncs: () => syncs, subscribed: 0 };
  person.ready = new Promise((resolve, reject) => channel.subscribe((status, error) => {
    if (status === "SUBSCRIBED") {
      person.subscribed++;
      resolve();
    } else if (error && person.subscribed === 0) {
      reject(error);
    }
  }));
  return person;
}

// As the server lists it: the client names the ref otherwise.
const list = ({ channel }) => Object.fromEntries(Object.entries(channel.presenceState()).map(([key, presences]) =>
  [key, { metas: presences.map(({ presence_ref, ...meta }) => ({ ...meta, phx_ref: presence_ref })) }]));

const equal = (...people) => equalLists(`realtime:${name}`, people.map(person => () => list(person)));

async function saw(person, ...events) {
  await until(() => person.events.length >= events.length, () => `${JSON.stringify(person.events)}, not ${JSON.stringify(events)}`);
  assert.deepEqual(person.events.splice(0), events);
}

let ann, bob;

await step("two clients subscribe and track on two nodes", async () => {
  ann = connect(hosts[0], "ann");
  bob = connect(hosts[1], "bob");
  await Promise.all([ann.ready, bob.ready]);
  assert.equal(await ann.channel.track({ name: "Ann" }), "ok");
  await saw(bob, ["join", "ann", 1]);
  assert.equal(await bob.channel.track({ name: "Bob" }), "ok");
  await saw(bob, ["join", "bob", 1]);
  await saw(ann, ["join", "ann", 1], ["join", "bob", 1]);
  await equal(ann, bob);
  assert.ok(ann.syncs() >= 3 && bob.syncs() >= 3);
});

if (keepsRefs) await step("tracking again is an update", async () => {
  assert.equal(await bob.channel.track({ name: "Bob", away: true }), "ok");
  await saw(ann, ["join", "bob", 1], ["leave", "bob", 1]);
  await equal(ann, bob);
});

await step("untracking is a leave", async () => {
  assert.equal(await bob.channel.untrack(), "ok");
  await saw(ann, ["leave", "bob", 1]);
  await equal(ann, bob);
});

await step("a client without a key is given one", async () => {
  const nobody = connect(hosts[1], "");
  await nobody.ready;
  assert.equal(await nobody.channel.track({}), "ok");
  await until(() => ann.events.length === 1, () => JSON.stringify(ann.events));
  assert.match(ann.events.splice(0)[0][1], /^[0-9a-f-]{36}$/);
  await nobody.channel.unsubscribe();
  await until(() => ann.events.length === 1, () => JSON.stringify(ann.events));
  ann.events.length = 0;
  nobody.client.disconnect();
  await equal(ann, bob);
});

if (keepsRefs) await step("a node that is killed and started again has its clients back", async () => {
  await equal(ann, bob);
  ann.events.length = bob.events.length = 0;
  const before = ann.subscribed;
  const syncs = ann.syncs();
  await restart(0);
  await until(() => ann.subscribed > before && ann.syncs() > syncs, () => `subscribed ${ann.subscribed} times, ${ann.syncs()} syncs`);
  await ann.channel.track({ name: "Ann", again: true });
  await until(() => list(bob).ann?.metas.some(meta => meta.again), () => JSON.stringify(list(bob)));
  await until(() => bob.events.length >= 2, () => JSON.stringify(bob.events));
  await equal(ann, bob);

  // What she tracks anew takes the place of what was on the node, or comes when that has gone: one join and one leave of hers, and nothing else.
  assert.deepEqual(bob.events.splice(0).sort(), [["join", "ann", 1], ["leave", "ann", 1]]);
});

await step("who unsubscribes is gone at once", async () => {
  bob.events.length = 0;
  await ann.channel.unsubscribe();
  await saw(bob, ["leave", "ann", 1]);
  await equal(bob);
  ann.client.disconnect();
  bob.client.disconnect();
});

finish();
