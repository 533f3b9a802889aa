import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Presence as PhoenixPresence } from "phoenix";
import { TopicState } from "../dist/topic-state.js";

const meta = (ref, previous) => ({ phx_ref: ref, ...(previous ? { phx_ref_prev: previous } : {}) });
const entries = refsByKey => Object.fromEntries(Object.entries(refsByKey).map(([key, refs]) => [key, { metas: refs.map(ref => meta(ref)) }]));
const refs = entry => entry && entry.metas.map(one => one.phx_ref);
const told = changes =>
  changes.map(({ kind, key, current, joined, left, previous, meta: now }) =>
    kind === "update" ? [kind, key, previous.phx_ref, now.phx_ref] : [kind, key, refs(current), refs(joined ?? left)]);
const stateOf = topic => Object.fromEntries(Object.entries(topic.entries).map(([key, entry]) => [key, refs(entry)]));

const holding = refsByKey => {
  const topic = new TopicState();
  topic.replace(entries(refsByKey));
  return topic;
};

const update = { joins: { ann: { metas: [meta("2", "1")] } }, leaves: entries({ ann: ["1"] }) };

describe("what phoenix.js does, case by case", () => {
  const cases = [
    {
      name: "a join that the state covers changes nothing and is told again",
      diffs: [{ joins: entries({ ann: ["1"] }), leaves: {} }],
      state: { ann: ["1"] },
      changes: [["join", "ann", ["1"], ["1"]]],
    },
    {
      name: "a join and its leave that a state without it covers are both told",
      diffs: [{ joins: entries({ bob: ["2"] }), leaves: {} }, { joins: {}, leaves: entries({ bob: ["2"] }) }],
      state: { ann: ["1"] },
      changes: [["join", "bob", undefined, ["2"]], ["leave", "bob", [], ["2"]]],
    },
    {
      name: "a leave before its join leaves a ghost until the next state",
      diffs: [{ joins: {}, leaves: entries({ bob: ["2"] }) }, { joins: entries({ bob: ["2"] }), leaves: {} }],
      state: { ann: ["1"], bob: ["2"] },
      changes: [["join", "bob", undefined, ["2"]]],
    },
    {
      name: "a leave with a ref that the key does not have is told and changes nothing",
      diffs: [{ joins: {}, leaves: entries({ ann: ["9"] }) }],
      state: { ann: ["1"] },
      changes: [["leave", "ann", ["1"], ["9"]]],
    },
    { name: "a leave of a key that is not here is not told", diffs: [{ joins: {}, leaves: entries({ bob: ["2"] }) }], state: { ann: ["1"] }, changes: [] },
    {
      name: "joins come before leaves, whatever their order",
      diffs: [{ leaves: entries({ ann: ["1"] }), joins: entries({ bob: ["2"] }) }],
      state: { bob: ["2"] },
      changes: [["join", "bob", undefined, ["2"]], ["leave", "ann", [], ["1"]]],
    },
    {
      name: "a further meta of a key stands behind the first, and the first leaves alone",
      diffs: [{ joins: entries({ ann: ["2"] }), leaves: {} }, { joins: {}, leaves: entries({ ann: ["1"] }) }],
      state: { ann: ["2"] },
      changes: [["join", "ann", ["1"], ["2"]], ["leave", "ann", ["2"], ["1"]]],
    },
  ];

  for (const { name, diffs, state, changes } of cases) {
    test(name, () => {
      const topic = holding({ ann: ["1"] });
      assert.deepEqual(told(diffs.flatMap(diff => topic.apply(diff))), changes);
      assert.deepEqual(stateOf(topic), state);
      assert.deepEqual(phoenix(entries({ ann: ["1"] }), diffs), { state: topic.entries, changes });
    });
  }
});

test("an update is one change, and the state is that of phoenix.js", () => {
  const topic = holding({ ann: ["0", "1"] });
  assert.deepEqual(told(topic.apply(update)), [["update", "ann", "1", "2"]]);
  assert.deepEqual(stateOf(topic), { ann: ["0", "2"] });
  assert.deepEqual(phoenix(entries({ ann: ["0", "1"] }), [update]).state, topic.entries);
});

test("an update of a meta that is not here is what phoenix.js makes of it", () => {
  const topic = holding({});
  assert.deepEqual(told(topic.apply(update)), phoenix({}, [update]).changes);
  assert.deepEqual(stateOf(topic), { ann: ["2"] });
});

test("an update beside another device's join and leave is told apart from them", () => {
  const topic = holding({ ann: ["1", "5"] });
  const changes = topic.apply({ joins: { ann: { metas: [meta("2", "1"), meta("6")] } }, leaves: entries({ ann: ["1", "5"] }) });
  assert.deepEqual(told(changes), [
    ["update", "ann", "1", "2"],
    ["join", "ann", ["2", "5"], ["6"]],
    ["leave", "ann", ["2", "6"], ["5"]],
  ]);
});

test("a new state tells only what differs", () => {
  const topic = holding({ ann: ["1", "2"], bob: ["3"], cem: ["4"] });
  const changes = topic.replace(entries({ ann: ["2", "5"], bob: ["3"], dee: ["6"] }));
  assert.deepEqual(told(changes), [
    ["join", "ann", ["1", "2"], ["5"]],
    ["join", "dee", undefined, ["6"]],
    ["leave", "cem", [], ["4"]],
    ["leave", "ann", ["2", "5"], ["1"]],
  ]);
  assert.deepEqual(told(topic.replace(entries({ ann: ["2", "5"], bob: ["3"], dee: ["6"] }))), []);
});

test("a diff without joins or without leaves has none, where phoenix.js throws", () => {
  const topic = holding({ ann: ["1"] });
  assert.deepEqual(told(topic.apply({ joins: entries({ bob: ["2"] }) })), [["join", "bob", undefined, ["2"]]]);
  assert.deepEqual(told(topic.apply({ leaves: entries({ ann: ["1"] }) })), [["leave", "ann", [], ["1"]]]);
  assert.throws(() => phoenix({}, [{ joins: {} }]));
});

test("names of Object.prototype are keys like any other", () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString"];
  const text = `{${names.map((name, at) => `"${name}":{"metas":[{"phx_ref":"${at}"}]}`).join()}}`;
  const topic = new TopicState();
  assert.deepEqual(topic.apply({ joins: JSON.parse(text), leaves: {} }).map(change => [change.key, change.current]), names.map(name => [name, undefined]));
  assert.deepEqual(Object.keys(topic.entries), names);
  assert.deepEqual(topic.replace(JSON.parse(text)), []);
  assert.deepEqual(topic.replace({}).map(change => change.kind), names.map(() => "leave"));
  assert.deepEqual(Object.keys(topic.entries), []);
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test("what a callback was given is not changed later", () => {
  const topic = holding({ ann: ["1"] });
  const [first] = topic.apply({ joins: entries({ ann: ["2"] }), leaves: {} });
  topic.apply({ joins: {}, leaves: entries({ ann: ["1"] }) });
  assert.deepEqual([refs(first.current), refs(first.joined)], [["1"], ["2"]]);
});

test("fields that a server adds beside the metas are kept", () => {
  const topic = new TopicState();
  topic.apply({ joins: { ann: { user: { name: "Ann" }, metas: [meta("1"), meta("2")] } }, leaves: {} });
  topic.apply({ joins: {}, leaves: entries({ ann: ["1"] }) });
  assert.deepEqual(topic.entries.ann, { user: { name: "Ann" }, metas: [meta("2")] });
});

test("random histories fold as by phoenix.js, and tell what it tells where nothing is updated", () => {
  const seed = Number(process.env.PRESENCE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = generator(seed);
  for (let history = 0; history < 500; history++) {
    const { state, diffs, hasUpdates } = randomHistory(random);
    const topic = new TopicState();
    topic.replace(structuredClone(state));
    const changes = told(diffs.flatMap(diff => topic.apply(structuredClone(diff))));
    const expected = phoenix(state, diffs);
    const replay = `history ${history}; replay by PRESENCE_SEED=${seed} npm test`;
    assert.deepEqual(topic.entries, expected.state, replay);
    if (!hasUpdates) {
      assert.deepEqual(changes, expected.changes, replay);
    }
  }
});

/** What phoenix.js makes of it. */
function phoenix(state, diffs) {
  const changes = [];
  const folded = diffs.reduce(
    (known, diff) =>
      PhoenixPresence.syncDiff(
        known,
        structuredClone(diff),
        (key, current, joined) => changes.push(["join", key, refs(current), refs(joined)]),
        (key, current, left) => changes.push(["leave", key, refs(current), refs(left)])),
    PhoenixPresence.syncState({}, structuredClone(state)));
  return { state: folded, changes };
}

function randomHistory(random) {
  const keys = ["ann", "bob", "__proto__", "7"];
  const live = [];
  let nextRef = 0;
  let hasUpdates = false;
  const add = (to, key, one) => {
    to[key] = to[key] ?? { metas: [] };
    to[key].metas.push(one);
  };
  const join = to => {
    const one = { key: keys[random(keys.length)], ref: `${nextRef++}` };
    live.push(one);
    add(to, one.key, meta(one.ref));
  };
  const state = Object.create(null);
  for (let count = random(4); count > 0; count--) {
    join(state);
  }

  const diffs = [];
  for (let length = 1 + random(8); length > 0; length--) {
    const diff = { joins: Object.create(null), leaves: Object.create(null) };
    const older = [...live];
    for (let changes = 1 + random(4); changes > 0; changes--) {
      const kind = random(3);
      if (kind === 0 || older.length === 0) {
        join(diff.joins);
        continue;
      }

      const [one] = older.splice(random(older.length), 1);
      live.splice(live.indexOf(one), 1);
      add(diff.leaves, one.key, meta(one.ref));
      if (kind === 1) {
        hasUpdates = true;
        const updated = { key: one.key, ref: `${nextRef++}` };
        live.push(updated);
        add(diff.joins, one.key, meta(updated.ref, one.ref));
      }
    }

    diffs.push(diff);
  }

  return { state, diffs, hasUpdates };
}

/** Mulberry32: from a seed, integers below a limit. */
function generator(seed) {
  return limit => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
