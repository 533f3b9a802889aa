/** What `Presence` knows a meta to be when it is told nothing more: a JSON object. */
export type AnyMeta = Record<string, unknown>;

/** A meta as it is listed: one connection of a key, with the reference that the server gave it. */
export type ListedMeta<TMeta extends object = AnyMeta> = TMeta & {
  /** Unique, and another one after each update. */
  phx_ref: string;
  /** In the diff of an update: the reference that the meta had before. */
  phx_ref_prev?: string;
};

/** A key in a topic, with one meta for each of its connections. Never changed: a later state has a new one. */
export interface Entry<TMeta extends object = AnyMeta> {
  metas: ListedMeta<TMeta>[];
  /** A server may add fields of its own beside the metas. */
  [field: string]: unknown;
}

/** The entries of a topic by key, as `presence_state` carries them. */
export type Entries<TMeta extends object = AnyMeta> = Record<string, Entry<TMeta>>;

/** What `presence_diff` carries. An update is the new meta among the joins and the old one among the leaves. */
export interface Diff<TMeta extends object = AnyMeta> {
  joins: Entries<TMeta>;
  leaves: Entries<TMeta>;
}

/** @param current The key before; `undefined` if it was not there. */
export type JoinCallback<TMeta extends object> = (key: string, current: Entry<TMeta> | undefined, joined: Entry<TMeta>) => void;

/** @param current The key afterwards; it has no metas if it is there no more. */
export type LeaveCallback<TMeta extends object> = (key: string, current: Entry<TMeta>, left: Entry<TMeta>) => void;

/** The meta of one connection was replaced. */
export type UpdateCallback<TMeta extends object> = (key: string, previous: ListedMeta<TMeta>, meta: ListedMeta<TMeta>) => void;
