export { Presence } from "./presence.js";
export { PresenceClient, type PresenceClientOptions } from "./presence-client.js";
export { RefusedError } from "./refused-error.js";
export type { AnyMeta, Diff, Entries, Entry, JoinCallback, LeaveCallback, ListedMeta, UpdateCallback } from "./types.js";
