// The presence of the person at this page: a lease, renewed while the page is open.

import { ApiError, deletePresence, putPresence, UnreachableError } from './api.js';

// Browsers run the timers of a hidden tab once a minute, so that its lease must be longer.
const VISIBLE = { lease: '30s', renewAfterMs: 10_000 };
const HIDDEN = { lease: '150s', renewAfterMs: 60_000 };
const TRY_AGAIN_AFTER_MS = 2000;

/** Tracked from the first successful join() until leave() or the end of its lease. One write at a time, so that none overtakes another. */
export class OwnPresence {
    #meta;
    #showProblem;
    #timer = 0;
    #writing = Promise.resolve();
    #isLeft = false;

    // Two tabs of one person are two presences, also if one is a copy of the other.
    #owner = `page-${Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join('')}`;

    constructor(topic, key, meta, showProblem) {
        this.topic = topic;
        this.key = key;
        this.#meta = meta;
        this.#showProblem = showProblem;
    }

    get meta() {
        return this.#meta;
    }

    /** Rejects if the node refuses or does not answer; then nothing is written any more. */
    async join() {
        try {
            await this.#write();
        } catch (error) {
            this.#isLeft = true;
            throw error;
        }
    }

    /** Makes sure that the node has it, now: after a reconnection, or when the tab was shown or hidden. Never rejects. */
    renew() {
        return this.#write().then(() => this.#showProblem(null), error => this.#failed(error));
    }

    update(meta) {
        this.#meta = meta;
        return this.renew();
    }

    /** Waits for a write that is under way, unless the page is being closed. */
    async leave({ isClosing = false } = {}) {
        this.#isLeft = true;
        clearTimeout(this.#timer);
        if (!isClosing) {
            await this.#writing;
        }

        await deletePresence(this.topic, this.key, this.#owner);
    }

    #write() {
        const written = this.#writing.then(() => this.#put());
        this.#writing = written.catch(() => { });
        return written;
    }

    async #put() {
        if (this.#isLeft) {
            return;
        }

        const { lease, renewAfterMs } = document.hidden ? HIDDEN : VISIBLE;
        await putPresence(this.topic, this.key, this.#owner, lease, this.#meta);
        this.#renewAfter(renewAfterMs);
    }

    #failed(error) {
        if (this.#isLeft) {
            return;
        }

        const isFinal = error instanceof ApiError && error.status < 500;
        if (!isFinal) {
            this.#renewAfter(TRY_AGAIN_AFTER_MS);
        }

        // That the node does not answer, the page says in its own place.
        this.#showProblem(error instanceof UnreachableError ? null : error);
    }

    #renewAfter(delayMs) {
        clearTimeout(this.#timer);
        if (!this.#isLeft) {
            this.#timer = setTimeout(() => this.renew(), delayMs);
        }
    }
}
