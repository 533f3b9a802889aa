// The event stream of one room, opened again for as long as it is wanted.

import { ApiError, eventsUrl, getCount } from './api.js';

const TRY_AGAIN_AFTER_MS = 1000;

/**
 * Handlers: state(state) at each opening, diff(diff), lost() when the stream broke and is tried again, returning(), which is awaited
 * before it is opened again, and refused(error) when the node refuses the room, which ends the stream.
 */
export class RoomStream {
    #topic;
    #handlers;
    #source = null;
    #timer = 0;
    #isClosed = false;

    constructor(topic, handlers) {
        this.#topic = topic;
        this.#handlers = handlers;
        this.#open();
    }

    close() {
        this.#isClosed = true;
        clearTimeout(this.#timer);
        this.#source?.close();
    }

    #open() {
        // A new source rather than the browser's own attempts: it gives up for good at the first answer that is not 200.
        const source = this.#source = new EventSource(eventsUrl(this.#topic));
        source.addEventListener('presence_state', event => this.#handlers.state(JSON.parse(event.data)));
        source.addEventListener('presence_diff', event => this.#handlers.diff(JSON.parse(event.data)));
        source.addEventListener('error', () => {
            source.close();
            this.#lost();
        });
    }

    async #lost() {
        if (this.#isClosed) {
            return;
        }

        this.#handlers.lost();
        // An event source does not say why it failed; ordinary requests do, and are refused until the node is ready.
        const answer = await this.#ask();
        if (this.#isClosed) {
            return;
        }

        if (answer.refusal) {
            this.close();
            this.#handlers.refused(answer.refusal);
        } else if (answer.isReady) {
            await this.#handlers.returning();
            this.#tryAgain(() => this.#open());
        } else {
            this.#tryAgain(() => this.#lost());
        }
    }

    async #ask() {
        try {
            await getCount(this.#topic);
            return { isReady: true };
        } catch (error) {
            return { isReady: false, refusal: error instanceof ApiError && error.status < 500 ? error : null };
        }
    }

    #tryAgain(action) {
        if (!this.#isClosed) {
            this.#timer = setTimeout(action, TRY_AGAIN_AFTER_MS);
        }
    }
}
