// The HTTP API of this node. Every refusal becomes an ApiError with the detail of its problem document.

const PATIENCE_MS = 5000;

/** The node answered, and refused. */
export class ApiError extends Error {
    constructor(status, problem) {
        super(problem?.detail ?? problem?.title ?? `The node answered ${status}.`);
        this.status = status;
        this.problem = problem;
    }
}

/** The node did not answer. */
export class UnreachableError extends Error {
}

/** Sent with a join; a node that needs none ignores it. Kept for this tab only. */
export const apiKey = {
    get value() {
        return sessionStorage.getItem('api-key') ?? '';
    },
    set value(key) {
        sessionStorage.setItem('api-key', key);
    },
};

export const getNodes = () => getJson('/api/nodes');

export const getCount = topic => getJson(`/api/topics/-/count?${query({ topic })}`);

/** Whether the node is ready, and if not, why. */
export async function getReadiness() {
    try {
        await send('/health/ready');
        return { ready: true };
    } catch (error) {
        if (error instanceof ApiError) {
            return { ready: false, reason: error.problem ? error.message : '' };
        }

        throw error;
    }
}

export const eventsUrl = topic => `/api/topics/-/events?${query({ topic, nodes: true })}`;

/** Asks the hub as its client does when it connects, which does not say why the node refuses. */
export const negotiate = () => send('/hubs/presence/negotiate?negotiateVersion=1', {
    method: 'POST',
    headers: apiKey.value ? { Authorization: `Bearer ${apiKey.value}` } : {},
});

// Names go into the query, and "-" holds their place in the path: a browser would fold a room called ".." away.
const query = parameters => new URLSearchParams(parameters);

const getJson = async path => (await send(path)).json();

async function send(path, options = {}) {
    let response;
    try {
        response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options });
    } catch (error) {
        throw new UnreachableError(`${location.host} does not answer.`, { cause: error });
    }

    if (response.ok) {
        return response;
    }

    const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json');
    throw new ApiError(response.status, isProblem ? await response.json() : null);
}
