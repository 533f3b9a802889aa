/** One stay of this client in a topic, from `join` to `leave`, over as many connections as it takes. */
export class Membership {
    /** Undefined for who only watches. */
    key;
    /** The latest that was asked for. */
    meta;
    /** The latest that the server has taken; undefined before the first. */
    accepted;
    /** Whether the server has been told of `meta` on this connection. */
    isTold = false;
    /** Those whose answer is the next one. */
    waiting = [];
    /** Who is told when the server has ended it. */
    onLeft;
    constructor(key, meta) {
        this.key = key;
        this.meta = meta;
    }
    /** Resolves with the ref that the server gives this meta. */
    ask(meta) {
        this.meta = meta;
        this.isTold = false;
        return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
    }
    takeWaiting() {
        return this.waiting.splice(0);
    }
}
