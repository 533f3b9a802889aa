/** Who awaits the server's answer. */
export interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** One stay of this client in a topic, from `join` to `leave`, over as many connections as it takes. */
export class Membership<TMeta extends object> {
  /** Undefined for who only watches. */
  readonly key: string | undefined;

  /** The latest that was asked for. */
  meta: TMeta;

  /** The latest that the server has taken; undefined before the first. */
  accepted: TMeta | undefined;

  /** Whether the server has been told of `meta` on this connection. */
  isTold = false;

  /** Those whose answer is the next one. */
  waiting: Waiting<string>[] = [];

  /** Who is told when the server has ended it. */
  onLeft: Waiting<void> | undefined;

  constructor(key: string | undefined, meta: TMeta) {
    this.key = key;
    this.meta = meta;
  }

  /** Resolves with the ref that the server gives this meta. */
  ask(meta: TMeta): Promise<string> {
    this.meta = meta;
    this.isTold = false;
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  takeWaiting(): Waiting<string>[] {
    return this.waiting.splice(0);
  }
}
