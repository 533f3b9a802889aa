import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelay } from "../dist/retry-delay.js";

test("the limit of a delay doubles up to ten seconds, and the delay is anywhere below it", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(attempt => retryDelay(attempt, 0.5)), [250, 500, 1000, 2000, 4000, 5000, 5000]);
  assert.equal(retryDelay(7, 0), 0);
  assert.ok(retryDelay(2000, 0.999) < 10_000);
});
