import type { HubConnection, HubConnectionState } from "@microsoft/signalr";
import { ConnectionLostError } from "./connection-lost-error.js";
import type { Presence } from "./presence.js";
import { RefusedError } from "./refused-error.js";
import { retryDelay } from "./retry-delay.js";
import type { Diff, Entries } from "./types.js";

/** How a client connects again. */
export interface PresenceClientOptions {
  /**
   * Asked before each attempt to connect again; `false` and a rejection make it one that failed. For a server whose node has just started
   * and does not hold everything yet, where no load balancer keeps clients away from it: what it lists at first would look like leaves.
   */
  isReady?: () => Promise<boolean>;
}

/**
 * Keeps a connection to a presence hub, and the presences on it: when it breaks, connects again until `stop`, and joins again every topic that
 * was joined, with its latest meta.
 */
export class PresenceClient {
  readonly #hub: HubConnection;
  readonly #isReady: () => Promise<boolean>;
  readonly #presences = new Map<string, Presence<any>>();
  #onConnected: () => void = () => {};
  #onDisconnected: (error: Error | undefined) => void = () => {};
  #isWanted = false;

  // Of the connection there is, or of the attempts to have one. Aborted when that ends.
  #life = new AbortController();
  #isConnected = false;

  // Ends the wait before the next attempt to connect again, if there is one.
  #endWait: () => void = () => {};
  #attempt = 0;

  /** @param hub As built by SignalR, not started; it may serve other calls as well. It needs no automatic reconnect of its own. */
  constructor(hub: HubConnection, { isReady = async () => true }: PresenceClientOptions = {}) {
    this.#hub = hub;
    this.#isReady = isReady;
    hub.on("presence_state", (topic: string, state: Entries<any>) => this.#presences.get(topic)?.takeState(state));
    hub.on("presence_diff", (topic: string, diff: Diff<any>) => this.#presences.get(topic)?.takeDiff(diff));
    hub.onreconnecting(error => this.#lost(error));
    hub.onreconnected(() => this.#connected());
    hub.onclose(error => this.#lost(error, { isForGood: true }));
  }

  /** Called whenever there is a connection; what was joined is being joined again. */
  onConnected(callback: () => void): void {
    this.#onConnected = callback;
  }

  /** Called when a connection has ended, and for each attempt to connect again that failed, with the reason where there is one. */
  onDisconnected(callback: (error: Error | undefined) => void): void {
    this.#onDisconnected = callback;
  }

  /** Connects. Rejects if that fails: only a connection that was there is tried again. */
  async start(): Promise<void> {
    if (this.#isWanted) {
      throw new Error("the client was started before");
    }

    this.#isWanted = true;
    try {
      await this.#hub.start();
    } catch (error) {
      this.#isWanted = false;
      throw error;
    }

    this.#connected();
  }

  /** Ends the connection and everything joined. The server lists the presences until their leave grace is over; `leave` ends one at once. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    this.#beginLife(false);
    for (const presence of [...this.#presences.values()]) {
      presence.stop();
    }

    await this.#hub.stop();
  }

  /**
   * Makes the next attempt to connect again at once, and those after it as if it were the first: for who learns that the server can be reached,
   * for example because the page is shown or the machine is online again. Without a broken connection it does nothing.
   */
  connectNow(): void {
    this.#attempt = 0;
    this.#endWait();
  }

  /** @internal */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The presence is told from now on what happens in its topic. @internal */
  claim(presence: Presence<any>): void {
    const holder = this.#presences.get(presence.topic);
    if (holder !== undefined && holder !== presence) {
      throw new Error(`another Presence of this client has joined ${presence.topic}, or is leaving it`);
    }

    this.#presences.set(presence.topic, presence);
  }

  /** @internal */
  release(presence: Presence<any>): void {
    if (this.#presences.get(presence.topic) === presence) {
      this.#presences.delete(presence.topic);
    }
  }

  /** Rejects with a ConnectionLostError or a RefusedError. @internal */
  async invoke<T>(method: string, ...args: unknown[]): Promise<T> {
    const { signal } = this.#life;
    try {
      return await this.#hub.invoke<T>(method, ...args);
    } catch (error) {
      if (signal.aborted || !this.#isHubConnected) {
        throw new ConnectionLostError("the connection broke", { cause: error });
      }

      throw RefusedError.from(error);
    }
  }


  get #isHubConnected(): boolean {
    return this.#hub.state === ("Connected" as HubConnectionState);
  }

  #connected(): void {
    // It may have broken again before whoever started it could go on.
    if (!this.#isHubConnected) {
      return;
    }

    this.#beginLife(true);
    for (const presence of [...this.#presences.values()]) {
      presence.connected();
    }

    this.#onConnected();
  }

  /** @param isForGood Whether SignalR itself makes no other attempt. */
  #lost(error: Error | undefined, { isForGood = false } = {}): void {
    this.#beginLife(false);
    for (const presence of [...this.#presences.values()]) {
      presence.disconnected();
    }

    if (isForGood && this.#isWanted) {
      void this.#connectAgain(this.#life.signal);
    }

    this.#onDisconnected(error);
  }

  #beginLife(isConnected: boolean): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#isConnected = isConnected;
  }

  async #connectAgain(stopped: AbortSignal): Promise<void> {
    this.#attempt = 0;
    while (!stopped.aborted && !this.#isHubConnected) {
      await this.#wait(stopped);
      try {
        if (!stopped.aborted && (await this.#isReady()) && !stopped.aborted) {
          await this.#hub.start();
        }
      } catch (error) {
        if (!stopped.aborted) {
          this.#onDisconnected(error instanceof Error ? error : new Error(String(error)));
        }
      }
    }

    if (!stopped.aborted) {
      this.#connected();
    }
  }

  /** Waits before another attempt. */
  #wait(stopped: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer);
        stopped.removeEventListener("abort", end);
        this.#endWait = () => {};
        resolve();
      };
      const timer = setTimeout(end, retryDelay(this.#attempt++, Math.random()));
      stopped.addEventListener("abort", end);
      this.#endWait = end;
    });
  }
}
