// Two clients of @microsoft/signalr alone, on two Hosts, with its own automatic reconnect: what they fold of presence_state and presence_diff equals
// the server's list after each step.
import assert from "node:assert/strict";
import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { equalLists, finish, hosts, restart, step, until } from "./steps.mjs";

const topic = "room:signalr";

async function connect(url, key, meta) {
  const hub = new HubConnectionBuilder()
    .withUrl(`${url}/hubs/presence`)
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 200 })
    .configureLogging(LogLevel.None)
    .build();
  const client = { hub, state: {}, events: [], rejoined: 0, join: async meta => hub.invoke("Join", topic, key, meta) };
  hub.on("presence_state", (_, state) => {
    tellChange(client, state);
  });
  hub.on("presence_diff", (_, { joins, leaves }) => {
    const state = structuredClone(client.state);
    for (const [who, { metas }] of Object.entries(joins)) {
      state[who] = { metas: [...(state[who]?.metas ?? []), ...metas] };
    }

    for (const [who, { metas }] of Object.entries(leaves)) {
      const left = new Set(metas.map(meta => meta.phx_ref));
      const present = state[who].metas.length;
      state[who].metas = state[who].metas.filter(meta => !left.has(meta.phx_ref));
      assert.equal(state[who].metas.length, present - left.size, `${who} leaves who was not there`);
      if (state[who].metas.length === 0) {
        delete state[who];
      }
    }

    tellChange(client, state);
  });

  // SignalR connects again, and an application joins again: the server knows nothing of the connection before.
  hub.onreconnected(async () => {
    await client.join(meta);
    client.rejoined++;
  });
  await hub.start();
  await client.join(meta);
  return client;
}

function tellChange(client, state) {
  for (const key of new Set([...Object.keys(client.state), ...Object.keys(state)])) {
    if (key in client.state !== key in state) {
      client.events.push(`${key} ${key in state ? "comes" : "goes"}`);
    }
  }

  client.state = state;
}

const equal = (...clients) => equalLists(topic, clients.map(client => () => client.state));

async function saw(client, ...events) {
  await until(() => client.events.length >= events.length, () => `${JSON.stringify(client.events)}, not ${JSON.stringify(events)}`);
  assert.deepEqual(client.events.splice(0), events);
}

let ann, bob;

await step("two clients join on two nodes", async () => {
  ann = await connect(hosts[0], "ann", { name: "Ann" });
  await saw(ann, "ann comes");
  bob = await connect(hosts[1], "bob", { name: "Bob" });
  await saw(ann, "bob comes");
  await equal(ann, bob);
  bob.events.length = 0;
});

await step("an update is no event of the key", async () => {
  const ref = await bob.hub.invoke("Update", topic, { name: "Bob", away: true });
  await until(() => ann.state.bob.metas[0].phx_ref === ref, () => JSON.stringify(ann.state));
  await equal(ann, bob);
  await saw(ann);
});

await step("a refused call says why", async () => {
  await assert.rejects(bob.hub.invoke("Join", topic, "eve", {}), /this connection is in room:signalr as bob/);
});

await step("a client whose node is killed and started again connects and joins again by itself", async () => {
  await restart(0);
  await until(() => ann.rejoined === 1, () => `${ann.rejoined} times, ${ann.hub.state}`);
  await equal(ann, bob);

  // Within detection and grace nobody has gone; on a slow machine she has, once, and is back.
  const events = bob.events.splice(0);
  assert.ok(events.length === 0 || events.join() === "ann goes,ann comes", JSON.stringify(events));
  ann.events.length = 0;
});

await step("who leaves is gone at once", async () => {
  await ann.hub.invoke("Leave", topic);
  await saw(bob, "ann goes");
  await equal(bob);
});

await step("who stops leaves once, when the grace is over", async () => {
  await ann.join({ name: "Ann" });
  await saw(bob, "ann comes");
  await ann.hub.stop();
  await saw(bob, "ann goes");
  await equal(bob);
  await bob.hub.stop();
});

finish();
