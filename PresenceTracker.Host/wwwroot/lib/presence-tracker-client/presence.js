import { ConnectionLostError } from "./connection-lost-error.js";
import { Membership } from "./membership.js";
import { retryDelay } from "./retry-delay.js";
import { TopicState } from "./topic-state.js";
// A hub of PresenceTracker sends the state first. Where diffs may overtake it, the latest are those that it may not cover.
const PENDING_DIFFS_MAX = 1000;
const nothing = () => { };
/**
 * One topic: who is in it, and this client in it. As phoenix.js has it, except that an update is told by `onUpdate` alone. Each kind of
 * event has one callback, the last one set; when it is called, the whole message is in `state` already.
 */
export class Presence {
    topic;
    #client;
    // What is wanted, and what the server has been told on this connection. #run makes the second the first.
    #membership;
    #entered;
    #isRunning = false;
    #left = Promise.resolve();
    #refusals = 0;
    #retryTimer;
    #topicState = new TopicState();
    #hasState = false;
    #pendingDiffs = [];
    #onJoin = nothing;
    #onLeave = nothing;
    #onUpdate = nothing;
    #onSync = nothing;
    #onError = nothing;
    constructor(client, topic) {
        this.#client = client;
        this.topic = topic;
    }
    /** Who is in the topic, by key; to be read only. Empty before the first state, and after `leave`. */
    get state() {
        return this.#topicState.entries;
    }
    /** A meta has joined: of a key that was not there, if `current` is undefined. */
    onJoin(callback) {
        this.#onJoin = callback;
    }
    /** A meta has left: the last one of its key, if `current` has no metas. */
    onLeave(callback) {
        this.#onLeave = callback;
    }
    /** A connection has given itself another meta. Neither `onJoin` nor `onLeave` is called for that. */
    onUpdate(callback) {
        this.#onUpdate = callback;
    }
    /** Called after the changes of each message, also when there were none. */
    onSync(callback) {
        this.#onSync = callback;
    }
    /** The server does not take this client back after a reconnect. It is asked again, less and less often, until `leave`. */
    onError(callback) {
        this.#onError = callback;
    }
    list(by) {
        return Object.entries(this.state).map(([key, entry]) => (by ? by(key, entry) : entry));
    }
    /**
     * Joins the topic. Waits for a connection if there is none.
     * @returns The ref of the presence; rejects with a RefusedError if the server refuses.
     */
    async join(key, meta) {
        return this.#enter(key, copyOf(meta));
    }
    /** Is told who is in the topic without being in it, until `leave`. Otherwise like `join`. */
    async watch() {
        await this.#enter(undefined, copyOf(undefined));
    }
    /**
     * Gives this client another meta. Without a connection it is the one that is joined with on the next.
     * @returns The ref of the presence. Rejects with a RefusedError if the server refuses: then the meta before is kept.
     */
    async update(meta) {
        if (this.#membership?.key === undefined) {
            throw new Error(`${this.topic} was not joined`);
        }
        return this.#ask(this.#membership, copyOf(meta));
    }
    /** Leaves at once: no callback is called from now on. Without a connection the server ends the presence after its leave grace. */
    leave() {
        const membership = this.#membership;
        if (membership) {
            this.#end(new Error(`${this.topic} was left`));
            this.#left =
                membership === this.#entered ? new Promise((resolve, reject) => (membership.onLeft = { resolve, reject })) : Promise.resolve();
            void this.#run();
        }
        return this.#left;
    }
    /** @internal */
    connected() {
        void this.#run();
    }
    /** @internal */
    disconnected() {
        clearTimeout(this.#retryTimer);
        this.#refusals = 0;
        this.#entered?.onLeft?.resolve();
        this.#entered = undefined;
        if (this.#membership) {
            this.#membership.isTold = false;
        }
        else {
            this.#client.release(this);
        }
    }
    /** @internal */
    stop() {
        this.#end(new Error("the client was stopped"));
        this.disconnected();
    }
    /** @internal */
    takeState(state) {
        if (this.#isEntered) {
            const changes = this.#topicState.replace(state);
            this.#hasState = true;
            for (const diff of this.#pendingDiffs.splice(0)) {
                changes.push(...this.#topicState.apply(diff));
            }
            this.#tellChanges(changes);
        }
    }
    /** @internal */
    takeDiff(diff) {
        if (!this.#isEntered) {
            return;
        }
        if (this.#hasState) {
            this.#tellChanges(this.#topicState.apply(diff));
            return;
        }
        this.#pendingDiffs.push(diff);
        if (this.#pendingDiffs.length > PENDING_DIFFS_MAX) {
            this.#pendingDiffs.shift();
        }
    }
    /** Whether what the server says of the topic is meant for this stay in it. */
    get #isEntered() {
        return this.#entered !== undefined && this.#entered === this.#membership;
    }
    #tellChanges(changes) {
        for (const change of changes) {
            switch (change.kind) {
                case "join":
                    this.#onJoin(change.key, change.current, change.joined);
                    break;
                case "update":
                    this.#onUpdate(change.key, change.previous, change.meta);
                    break;
                case "leave":
                    this.#onLeave(change.key, change.current, change.left);
                    break;
            }
        }
        this.#onSync();
    }
    #enter(key, meta) {
        if (this.#membership) {
            throw new Error(`${this.topic} was joined before; update or leave it`);
        }
        this.#client.claim(this);
        this.#membership = new Membership(key, meta);
        return this.#ask(this.#membership, meta);
    }
    #ask(membership, meta) {
        const answer = membership.ask(meta);
        void this.#run();
        return answer;
    }
    #end(reason) {
        for (const waiting of this.#membership?.takeWaiting() ?? []) {
            waiting.reject(reason);
        }
        this.#membership = undefined;
        this.#topicState = new TopicState();
    }
    /** One call at a time, so that the server hears them in their order. */
    async #run() {
        if (this.#isRunning) {
            return;
        }
        clearTimeout(this.#retryTimer);
        this.#isRunning = true;
        try {
            while (this.#client.isConnected) {
                if (this.#entered && this.#entered !== this.#membership) {
                    await this.#tellLeave(this.#entered);
                }
                else if (!this.#membership || this.#membership.isTold || !(await this.#tell(this.#membership))) {
                    break;
                }
            }
        }
        finally {
            this.#isRunning = false;
            if (!this.#membership && !this.#entered) {
                this.#client.release(this);
            }
        }
    }
    /** Answers whether to go on at once. */
    async #tell(membership) {
        const { key, meta } = membership;
        const waiting = membership.takeWaiting();
        const isJoin = this.#entered !== membership;
        membership.isTold = true;
        if (isJoin) {
            this.#entered = membership;
            this.#hasState = false;
            this.#pendingDiffs = [];
        }
        try {
            const call = !isJoin
                ? ["Update", this.topic, meta]
                : key === undefined
                    ? ["Watch", this.topic]
                    : ["Join", this.topic, key, meta];
            const ref = await this.#client.invoke(...call);
            membership.accepted = meta;
            this.#refusals = 0;
            waiting.forEach(one => one.resolve(ref));
            return true;
        }
        catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                return this.#refused(membership, { meta, isJoin, waiting, error: error });
            }
            if (membership === this.#membership) {
                membership.waiting.unshift(...waiting);
            }
            else {
                waiting.forEach(one => one.reject(error));
            }
            return true;
        }
    }
    #refused(membership, { meta, isJoin, waiting, error }) {
        waiting.forEach(one => one.reject(error));
        if (isJoin) {
            this.#entered = undefined;
            membership.onLeft?.resolve();
        }
        if (membership.accepted === undefined) {
            if (membership === this.#membership) {
                this.#end(error);
            }
            return true;
        }
        // A refused call has changed nothing, so the meta before still holds, unless another one was asked for meanwhile.
        if (membership.isTold) {
            membership.meta = membership.accepted;
        }
        if (!isJoin) {
            return true;
        }
        membership.isTold = false;
        if (meta !== membership.accepted || membership !== this.#membership) {
            return true;
        }
        this.#retryTimer = setTimeout(() => void this.#run(), retryDelay(this.#refusals++, Math.random()));
        this.#onError(error);
        return false;
    }
    async #tellLeave(entered) {
        try {
            await this.#client.invoke("Leave", this.topic);
            entered.onLeft?.resolve();
        }
        catch (error) {
            // Without a connection there is nothing to leave.
            if (!(error instanceof ConnectionLostError)) {
                entered.onLeft?.reject(error);
            }
        }
        finally {
            this.#entered = undefined;
        }
    }
}
/** What is sent, so that it is the same after a reconnect whatever becomes of the object. */
const copyOf = (meta) => JSON.parse(JSON.stringify(meta ?? {}));
