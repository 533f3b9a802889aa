const FIRST_MAX_MS = 500;
const MAX_MS = 10_000;
/**
 * How long to wait before another attempt: anywhere from at once to a limit that doubles. Spread evenly, because all clients of a node
 * that has stopped begin to wait at the same moment. The first attempts lie within the server's leave grace of 3 s.
 * @param attempt How many have failed in a row.
 * @param random In [0, 1).
 */
export const retryDelay = (attempt, random) => random * Math.min(MAX_MS, FIRST_MAX_MS * 2 ** attempt);
