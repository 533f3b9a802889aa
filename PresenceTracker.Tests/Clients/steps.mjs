// What both programs share. Arguments: the URLs of two Hosts. "RESTART n" on the output asks whoever started the program to kill that Host and
// to start it again; a line on the input says that this is done.
import { isDeepStrictEqual } from "node:util";
import { createInterface } from "node:readline";

export const hosts = process.argv.slice(2, 4);

const patienceMs = 30_000;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export async function step(what, run) {
  console.log(`step: ${what}`);
  await run();
}

export async function restart(host) {
  console.log(`RESTART ${host}`);
  await lines.next();
}

export function finish() {
  console.log("passed");
  process.exit(0);
}

/** Waits for what no event tells of. */
export async function until(holds, seen) {
  for (const end = Date.now() + patienceMs; !(await holds());) {
    if (Date.now() > end) {
      throw new Error(`waited ${patienceMs} ms, and there was ${seen()}`);
    }

    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Waits until all these lists, and those of all Hosts, are one. */
export async function equalLists(topic, lists) {
  let all;
  await until(async () => {
    const answers = await Promise.all(hosts.map(host => fetch(`${host}/api/topics/${encodeURIComponent(topic)}/presences`)));
    all = [...await Promise.all(answers.map(answer => answer.json())), ...lists.map(list => list())].map(comparable);
    return all.every(one => isDeepStrictEqual(one, all[0]));
  }, () => JSON.stringify(all));
}

// The list has no word of what was before an update, and the order of one key's metas is not told.
const comparable = list => Object.fromEntries(Object.entries(list).sort(([a], [b]) => a < b ? -1 : 1).map(([key, { metas }]) =>
  [key, metas.map(({ phx_ref_prev, ...meta }) => meta).sort((a, b) => a.phx_ref < b.phx_ref ? -1 : 1)]));
