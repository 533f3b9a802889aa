/** The server has refused a call. The message is its reason. */
export class RefusedError extends Error {
    name = "RefusedError";
    /** @internal */
    static from(error) {
        // SignalR puts a sentence of its own and the name of the exception before what the server says.
        const message = error instanceof Error ? error.message : String(error);
        return new RefusedError(/HubException: (.*)$/s.exec(message)?.[1] ?? message, { cause: error });
    }
}
