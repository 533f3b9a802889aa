export { Presence } from "./presence.js";
export { PresenceClient } from "./presence-client.js";
export { RefusedError } from "./refused-error.js";
