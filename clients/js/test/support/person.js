// A person in a room, on standard input and output: one JSON line for each command, and one for its outcome.
// node person.js URL ROOM

import { createInterface } from "node:readline";
import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { Presence, PresenceClient } from "../../dist/index.js";

const [url, topic] = process.argv.slice(2);
const hub = new HubConnectionBuilder().withUrl(new URL("hubs/presence", url).href).configureLogging(LogLevel.None).build();
const client = new PresenceClient(hub, { isReady: async () => (await fetch(new URL("health/ready", url))).ok });
const presence = new Presence(client, topic);
const events = [];

presence.onJoin((key, current) => events.push(`${key} ${current ? "joins once more" : "joins"}`));
presence.onLeave((key, current) => events.push(`${key} ${current.metas.length > 0 ? "leaves on one device" : "leaves"}`));
presence.onUpdate((key, previous, meta) => events.push(`${key} was ${previous.status} and is ${meta.status}`));
presence.onError(error => events.push(`error: ${error.message}`));
client.onDisconnected(() => events.includes("disconnected") || events.push("disconnected"));

const commands = {
  start: async () => {
    await client.start();
    client.onConnected(() => events.push("connected"));
  },
  join: ({ key, meta }) => presence.join(key, meta),
  update: ({ meta }) => presence.update(meta),
  leave: () => presence.leave(),
  state: () => presence.state,
  events: () => events.splice(0),
  stop: () => client.stop(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...parameters } = JSON.parse(line);
  let outcome;
  try {
    outcome = { value: (await commands[command](parameters)) ?? null };
  } catch (error) {
    outcome = { error: `${error.name}: ${error.message}` };
  }

  console.log(JSON.stringify(outcome));
}

await client.stop();
