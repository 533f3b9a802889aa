// A program that has the package from npm: what its types allow, and what they do not.

import { HubConnectionBuilder } from "@microsoft/signalr";
import {
  Presence, PresenceClient, RefusedError, type AnyMeta, type Diff, type Entries, type Entry, type ListedMeta, type PresenceClientOptions,
} from "presence-tracker-client";

interface Meta {
  status: string;
}

const options: PresenceClientOptions = { isReady: async () => true };
const client = new PresenceClient(new HubConnectionBuilder().withUrl("http://127.0.0.1:5000/hubs/presence").build(), options);
const room = new Presence<Meta>(client, "room:1");
room.onJoin((key, current, joined) => console.log(key.length, current?.metas.length ?? 0, joined.metas[0]?.status.length));
room.onLeave((key, current, left) => console.log(key.length, current.metas.length, left.metas[0]?.phx_ref.length));
room.onUpdate((key, previous, meta) => console.log(key.length, previous.status.length, meta.phx_ref_prev?.length));
room.onSync(() => console.log(room.list().length));
room.onError((error: Error) => console.error(error instanceof RefusedError));
client.onConnected(() => client.connectNow());
client.onDisconnected(error => console.error(error?.message));

const state: Entries<Meta> = room.state;
const names: string[] = room.list((key, entry: Entry<Meta>) => `${key} ${entry.metas.length}`);
const diff: Diff<Meta> = { joins: state, leaves: {} };
const untyped: Entry<AnyMeta>[] = new Presence(client, "room:2").list();
const meta: ListedMeta<Meta> = { status: "online", phx_ref: "1" };

export const use = async (): Promise<string> => {
  await client.start();
  const ref: string = await room.join("alice", meta);
  await room.update({ status: "away" });
  await room.leave();
  await client.stop();
  return ref;
};

// @ts-expect-error A meta has the type that the presence was given.
export const wrongMeta = () => room.update({ state: "away" });

// @ts-expect-error What the classes tell each other is not for others.
export const internals = () => client.invoke("Join");

console.log(JSON.stringify({ topic: room.topic, names, diff, untyped }));
