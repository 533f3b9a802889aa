/** The connection broke before the server had answered. Not seen by users: the call is made again on the next connection. */
export class ConnectionLostError extends Error {
    name = "ConnectionLostError";
}
