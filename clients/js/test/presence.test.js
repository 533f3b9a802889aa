import assert from "node:assert/strict";
import { test } from "node:test";
import { Presence, PresenceClient, RefusedError } from "../dist/index.js";
import { FakeHub } from "./support/fake-hub.js";

const entry = (...refs) => ({ metas: refs.map(ref => ({ phx_ref: ref })) });

async function started(options) {
  const hub = new FakeHub();
  const client = new PresenceClient(hub, options);
  await client.start();
  return { hub, client };
}

function watched(client, topic) {
  const presence = new Presence(client, topic);
  const events = [];
  presence.onJoin((key, current, joined) => events.push(`join ${key} ${joined.metas.map(meta => meta.phx_ref)}`));
  presence.onLeave((key, current, left) => events.push(`leave ${key} ${left.metas.map(meta => meta.phx_ref)}`));
  presence.onUpdate((key, previous, meta) => events.push(`update ${key} ${previous.phx_ref} ${meta.phx_ref}`));
  presence.onSync(() => events.push("sync"));
  return { presence, events, taken: () => events.splice(0) };
}

async function joined(hub, client, topic = "room", meta = { n: 1 }) {
  const watcher = watched(client, topic);
  const join = watcher.presence.join("ann", meta);
  await hub.answer("1");
  hub.send("presence_state", topic, { ann: entry("1") });
  assert.equal(await join, "1");
  watcher.taken();
  return watcher;
}

test("joins, is told the state and then diffs, updates and leaves", async () => {
  const { hub, client } = await started();
  const { presence, taken } = watched(client, "room");
  const join = presence.join("ann", { status: "online" });
  assert.deepEqual(await hub.answer("1"), ["Join", "room", "ann", { status: "online" }]);
  assert.equal(await join, "1");
  hub.send("presence_state", "room", { ann: entry("1"), bob: entry("2") });
  assert.deepEqual(taken(), ["join ann 1", "join bob 2", "sync"]);
  assert.deepEqual(presence.list(), [entry("1"), entry("2")]);
  assert.deepEqual(presence.list((key, { metas }) => `${key} ${metas.length}`), ["ann 1", "bob 1"]);

  const update = presence.update({ status: "away" });
  assert.deepEqual(await hub.answer("3"), ["Update", "room", { status: "away" }]);
  assert.equal(await update, "3");
  hub.send("presence_diff", "room", { joins: { ann: { metas: [{ phx_ref: "3", phx_ref_prev: "1" }] } }, leaves: { ann: entry("1"), bob: entry("2") } });
  assert.deepEqual(taken(), ["update ann 1 3", "leave bob 2", "sync"]);

  const leave = presence.leave();
  assert.deepEqual(presence.list(), []);
  hub.send("presence_diff", "room", { joins: { cem: entry("4") }, leaves: {} });
  assert.deepEqual(await hub.answer(), ["Leave", "room"]);
  await leave;
  assert.deepEqual(taken(), []);
  await client.stop();
});

test("a refused join rejects with the server's reason, and can be made again", async () => {
  const { hub, client } = await started();
  const presence = new Presence(client, "room");
  const join = presence.join("ann");
  (await hub.call()).refuse("the key is too long");
  await assert.rejects(join, error => error instanceof RefusedError && error.message === "the key is too long");

  const other = new Presence(client, "room").join("bob");
  assert.deepEqual(await hub.answer("1"), ["Join", "room", "bob", {}]);
  assert.equal(await other, "1");
  await client.stop();
});

test("a refused update keeps the meta before, also for the next connection", async () => {
  const { hub, client } = await started();
  const { presence } = await joined(hub, client);
  const update = presence.update({ n: 2 });
  (await hub.call()).refuse("the meta is too large");
  await assert.rejects(update, RefusedError);
  hub.break();
  assert.deepEqual(await hub.answer("2"), ["Join", "room", "ann", { n: 1 }]);
  await client.stop();
});

test("after a reconnect every topic is joined with its latest meta, and only what differs is told", async () => {
  const { hub, client } = await started();
  const room = await joined(hub, client, "room");
  const hall = await joined(hub, client, "hall");
  hub.send("presence_diff", "room", { joins: { bob: entry("2"), cem: entry("3") }, leaves: {} });
  room.taken();

  hub.break();
  const update = room.presence.update({ n: 7 });
  const joins = [await hub.answer("11"), await hub.answer("12")];
  assert.deepEqual(joins, [["Join", "room", "ann", { n: 7 }], ["Join", "hall", "ann", { n: 1 }]]);
  assert.equal(await update, "11");
  assert.deepEqual([...room.taken(), ...hall.taken()], []);
  hub.send("presence_state", "room", { ann: entry("11"), bob: entry("2"), dee: entry("4") });
  assert.deepEqual(room.taken(), ["join ann 11", "join dee 4", "leave cem 3", "leave ann 1", "sync"]);
  hub.send("presence_state", "hall", { ann: entry("12") });
  assert.deepEqual(hall.taken(), ["join ann 12", "leave ann 1", "sync"]);
  await client.stop();
});

test("a join whose connection breaks is made on the next one", async () => {
  const { hub, client } = await started();
  const { presence } = watched(client, "room");
  const join = presence.join("ann", { n: 1 });
  hub.break();
  assert.deepEqual(await hub.answer("1"), ["Join", "room", "ann", { n: 1 }]);
  assert.equal(await join, "1");
  await client.stop();
});

test("a join before the start is made at the start", async () => {
  const hub = new FakeHub();
  const client = new PresenceClient(hub);
  const join = new Presence(client, "room").join("ann");
  await client.start();
  await hub.answer("1");
  assert.equal(await join, "1");
  await client.stop();
});

test("a client that is not taken back says so and asks again", async () => {
  const { hub, client } = await started();
  const { presence } = await joined(hub, client);
  const told = new Promise(resolve => presence.onError(resolve));
  hub.break();
  (await hub.call()).refuse("the node stops");
  assert.equal((await told).message, "the node stops");
  assert.deepEqual(await hub.answer("2"), ["Join", "room", "ann", { n: 1 }]);
  await client.stop();
});

test("a meta that was given while there was no connection and is refused gives way to the one before", async () => {
  const { hub, client } = await started();
  const { presence } = await joined(hub, client);
  hub.break();
  const update = presence.update({ n: "too large" });
  (await hub.call()).refuse("the meta is too large");
  await assert.rejects(update, /too large/);
  assert.deepEqual(await hub.answer("2"), ["Join", "room", "ann", { n: 1 }]);
  await client.stop();
});

test("updates that come while one is under way are sent as one", async () => {
  const { hub, client } = await started();
  const { presence } = await joined(hub, client);
  const updates = [1, 2, 3].map(n => presence.update({ n }));
  assert.deepEqual(await hub.answer("2"), ["Update", "room", { n: 1 }]);
  assert.deepEqual(await hub.answer("3"), ["Update", "room", { n: 3 }]);
  assert.deepEqual(await Promise.all(updates), ["2", "3", "3"]);
  await client.stop();
});

test("who leaves and joins anew is told nothing of the stay before", async () => {
  const { hub, client } = await started();
  const { presence, taken } = await joined(hub, client);
  const leave = presence.leave();
  const join = presence.join("bob");
  hub.send("presence_diff", "room", { joins: { cem: entry("3") }, leaves: {} });
  assert.deepEqual(await hub.answer(), ["Leave", "room"]);
  await leave;
  assert.deepEqual(await hub.answer("5"), ["Join", "room", "bob", {}]);
  await join;
  hub.send("presence_state", "room", { bob: entry("5") });
  assert.deepEqual(taken(), ["join bob 5", "sync"]);
  await client.stop();
});

test("who watches is told who is there, on the next connection too, and has no meta to update", async () => {
  const { hub, client } = await started();
  const { presence, taken } = watched(client, "room");
  const watch = presence.watch();
  assert.deepEqual(await hub.answer(), ["Watch", "room"]);
  await watch;
  hub.send("presence_state", "room", { bob: entry("2") });
  assert.deepEqual(taken(), ["join bob 2", "sync"]);
  await assert.rejects(presence.update({ n: 1 }), /room was not joined/);
  await assert.rejects(presence.join("ann"), /room was joined before/);

  hub.break();
  assert.deepEqual(await hub.answer(), ["Watch", "room"]);
  hub.send("presence_state", "room", { bob: entry("2"), cem: entry("3") });
  assert.deepEqual(taken(), ["join cem 3", "sync"]);
  const leave = presence.leave();
  assert.deepEqual(await hub.answer(), ["Leave", "room"]);
  await leave;
  await client.stop();
});

test("a leave while the join is under way follows it", async () => {
  const { hub, client } = await started();
  const { presence } = watched(client, "room");
  const join = presence.join("ann");
  const leave = presence.leave();
  await hub.answer("1");
  assert.deepEqual(await hub.answer(), ["Leave", "room"]);
  assert.equal(await join, "1");
  await leave;
  await client.stop();
});

test("a leave without a connection is final", async () => {
  const { hub, client } = await started();
  const { presence } = await joined(hub, client);
  hub.break();
  await presence.leave();
  const other = new Presence(client, "room").join("bob");
  assert.deepEqual(await hub.answer("1"), ["Join", "room", "bob", {}]);
  await other;
  await client.stop();
});

test("diffs that overtake the state wait for it, the latest thousand of them", async () => {
  const { hub, client } = await started();
  const { presence, taken } = watched(client, "room");
  const join = presence.join("ann");
  await hub.answer("1");
  await join;
  for (let n = 0; n <= 1000; n++) {
    hub.send("presence_diff", "room", { joins: { [`key ${n}`]: entry(`${n}`) }, leaves: {} });
  }

  assert.deepEqual(taken(), []);
  hub.send("presence_state", "room", {});
  assert.equal(presence.list().length, 1000);
  assert.equal(presence.state["key 0"], undefined);
  assert.equal(taken().length, 1001);
  await client.stop();
});

test("a topic has one Presence at a time", async () => {
  const { hub, client } = await started();
  const { presence } = await joined(hub, client);
  await assert.rejects(presence.join("ann"), /was joined before/);
  await assert.rejects(new Presence(client, "room").join("bob"), /another Presence/);
  await assert.rejects(new Presence(client, "hall").update({}), /was not joined/);
  await client.stop();
});

test("a meta is sent as it was when it was given", async () => {
  const { hub, client } = await started();
  const meta = { n: 1 };
  await joined(hub, client, "room", meta);
  meta.n = 2;
  hub.break();
  assert.deepEqual(await hub.answer("2"), ["Join", "room", "ann", { n: 1 }]);
  await client.stop();
});

test("a first connection that fails is not tried again, one that broke is, once the server is ready", async () => {
  let answers = [false, true];
  const hub = new FakeHub();
  hub.startError = new Error("401");
  const client = new PresenceClient(hub, { isReady: async () => answers.shift() });
  await assert.rejects(client.start(), /401/);
  assert.equal(hub.starts, 1);

  hub.startError = null;
  await client.start();
  const connected = new Promise(resolve => client.onConnected(resolve));
  hub.break();
  await connected;
  assert.deepEqual([answers, hub.starts], [[], 3]);
  await client.stop();
});

test("the end of a connection and every attempt that fails are told with their reason", async () => {
  const { hub, client } = await started();
  const reasons = [];
  const twice = new Promise(resolve => client.onDisconnected(error => reasons.push(error.message) === 2 && resolve()));
  hub.startError = new Error("nobody listens");
  hub.break();
  await twice;
  assert.deepEqual(reasons, ["the socket closed", "nobody listens"]);
  client.onDisconnected(() => {});
  await client.stop();
});

test("who knows that the server is there waits for no attempt", async t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { hub, client } = await started();
  hub.startError = new Error("nobody listens");
  hub.break();
  for (let attempt = 0; attempt < 3; attempt++) {
    const failed = new Promise(resolve => client.onDisconnected(resolve));
    client.connectNow();
    assert.equal((await failed).message, "nobody listens");
  }

  hub.startError = null;
  const connected = new Promise(resolve => client.onConnected(resolve));
  client.connectNow();
  await connected;
  client.connectNow();
  assert.equal(hub.starts, 5);
  await client.stop();
});

test("a stop ends what is joined and what is asked, and no attempt follows", async () => {
  const { hub, client } = await started();
  const { presence, taken } = await joined(hub, client);
  hub.break();
  const update = presence.update({ n: 2 });
  await client.stop();
  await assert.rejects(update, /stopped/);
  assert.deepEqual([presence.list(), taken()], [[], []]);
  assert.equal(hub.starts, 1);

  await client.start();
  const join = presence.join("ann");
  await hub.answer("9");
  assert.equal(await join, "9");
  await client.stop();
});
