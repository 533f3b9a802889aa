// Rates from counters that only grow, until their process starts anew.

const HISTORY_MAX = 60;

/** The traffic between this node and one other, sampled at each poll. */
export class Traffic {
    #last = null;

    /** Bytes a second, both ways, oldest first. */
    history = [];

    /** Per second: { sentMessages, sentBytes, receivedMessages, receivedBytes }; null before the second sample. */
    rates = null;

    /** @param now In milliseconds, of a clock that never jumps. */
    sample({ sent, received }, now) {
        const next = [sent.messages, sent.bytes, received.messages, received.bytes];
        const last = this.#last;
        this.#last = { now, counters: next };
        if (!last || next.some((counter, at) => counter < last.counters[at])) {
            this.rates = null;
            return;
        }

        const seconds = (now - last.now) / 1000;
        const [sentMessages, sentBytes, receivedMessages, receivedBytes] = next.map((counter, at) => (counter - last.counters[at]) / seconds);
        this.rates = { sentMessages, sentBytes, receivedMessages, receivedBytes };
        this.history = [...this.history, sentBytes + receivedBytes].slice(-HISTORY_MAX);
    }
}
