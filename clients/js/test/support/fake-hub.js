/** A hub whose answers the test gives, one call at a time. */
export class FakeHub {
  state = "Disconnected";
  calls = [];
  startError = null;
  starts = 0;
  #handlers = {};
  #onclose;
  #arrived = () => {};

  on(event, handler) {
    this.#handlers[event] = handler;
  }

  onclose(callback) {
    this.#onclose = callback;
  }

  onreconnecting() {}

  onreconnected() {}

  async start() {
    this.starts++;
    if (this.startError) {
      throw this.startError;
    }

    this.state = "Connected";
  }

  async stop() {
    if (this.state === "Connected") {
      this.break(undefined);
    }
  }

  invoke(method, ...args) {
    return new Promise((resolve, reject) => {
      this.calls.push({ method, args, resolve, reject });
      this.#arrived();
    });
  }

  /** The oldest call that nobody has looked at; waits for it. */
  async call() {
    while (this.calls.length === 0) {
      await new Promise(resolve => (this.#arrived = resolve));
    }

    const { method, args, resolve, reject } = this.calls.shift();
    return {
      text: [method, ...args],
      answer: resolve,
      refuse: reason => reject(new Error(`An unexpected error occurred invoking '${method}' on the server. HubException: ${reason}`)),
    };
  }

  /** Answers the next call and says which it was. */
  async answer(ref) {
    const call = await this.call();
    call.answer(ref);
    return call.text;
  }

  send(event, topic, payload) {
    this.#handlers[event](topic, payload);
  }

  /** Ends the connection; calls under way fail as SignalR lets them. */
  break(error = new Error("the socket closed")) {
    this.state = "Disconnected";
    for (const { reject } of this.calls.splice(0)) {
      reject(error);
    }

    this.#onclose(error);
  }
}
