// The presence of the person at this page: it lives and dies with a connection to the hub of this node, made again whenever it breaks.

import { Presence, PresenceClient } from '../lib/presence-tracker-client/index.js';
import { ApiError, apiKey, getReadiness, negotiate } from './api.js';

const { HubConnectionBuilder, LogLevel } = globalThis.signalR;

const RETURN_PATIENCE_MS = 5000;

/**
 * In the room from the first successful join() until leave() or the end of the page. Handlers: connection(isConnected) when its connection
 * breaks and when there is one again, and problem(error) when the node does not take it back; of null, when that is over.
 */
export class OwnPresence {
    #client;
    #presence;
    #meta;
    #handlers;
    #isJoined = false;
    #isLeft = false;

    constructor(topic, key, meta, handlers) {
        this.topic = topic;
        this.key = key;
        this.#meta = meta;
        this.#handlers = handlers;
        const hub = new HubConnectionBuilder()
            .withUrl('/hubs/presence', { accessTokenFactory: () => apiKey.value })
            .configureLogging(LogLevel.None)
            .build();
        this.#client = new PresenceClient(hub, { isReady: async () => (await getReadiness()).ready });
        this.#client.onConnected(() => this.#found());
        this.#client.onDisconnected(() => this.#lost());
        this.#presence = new Presence(this.#client, topic);
        this.#presence.onError(error => this.#problem(error));
    }

    get meta() {
        return this.#meta;
    }

    /** Rejects if the node refuses or does not answer; then it is over. */
    async join() {
        try {
            await this.#connect();
            await this.#presence.join(this.key, this.#meta);
            this.#isJoined = true;
        } catch (error) {
            await this.#end();
            throw error;
        }
    }

    async update(meta) {
        this.#meta = meta;
        await this.#presence.update(meta);
    }

    /** The node can be reached again, or people look at the page again: its connection is not to wait. */
    connectNow() {
        this.#client.connectNow();
    }

    /** Waits until the node, which was away, has it again, but not for ever. */
    async returned() {
        if (this.#isJoined && !this.#isLeft) {
            this.connectNow();
            const isBack = this.#presence.update(this.#meta).catch(error => this.#problem(error));
            await Promise.race([isBack, new Promise(resolve => setTimeout(resolve, RETURN_PATIENCE_MS))]);
        }
    }

    async leave() {
        this.#isLeft = true;
        try {
            await this.#presence.leave();
        } finally {
            await this.#end();
        }
    }

    async #connect() {
        try {
            await this.#client.start();
        } catch (error) {
            await negotiate();
            throw error;
        }
    }

    async #lost() {
        if (this.#isLeft) {
            return;
        }

        this.#handlers.connection(false);
        try {
            await negotiate();
        } catch (error) {
            // That the node does not answer, or not yet, the page says in its own place.
            if (error instanceof ApiError && error.status < 500) {
                this.#problem(error);
            }
        }
    }

    #found() {
        this.#handlers.connection(true);
        this.#handlers.problem(null);
    }

    #problem(error) {
        if (!this.#isLeft) {
            this.#handlers.problem(error);
        }
    }

    #end() {
        this.#isLeft = true;
        this.#handlers.connection(true);
        return this.#client.stop();
    }
}
