// Who is in a room, folded from presence_state and presence_diff. No DOM.

/** People by key; each has at least one meta, and each meta has its own phx_ref. */
export class Roster {
    #people = new Map();
    #metaCount = 0;
    #sortedKeys = null;

    get size() {
        return this.#people.size;
    }

    get metaCount() {
        return this.#metaCount;
    }

    metasOf(key) {
        return this.#people.get(key) ?? [];
    }

    /** All keys in order. Sorted again only when somebody came or went. */
    get keys() {
        this.#sortedKeys ??= [...this.#people.keys()].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
        return this.#sortedKeys;
    }

    /** Replaces everything. Answers how many keys came and went against what was known, which is no event of now. */
    replace(state) {
        const before = this.#people;
        this.#people = new Map(Object.entries(state).map(([key, { metas }]) => [key, [...metas]]));
        this.#metaCount = 0;
        this.#sortedKeys = null;
        let joined = 0;
        for (const [key, metas] of this.#people) {
            this.#metaCount += metas.length;
            joined += before.has(key) ? 0 : 1;
        }

        return { joined, left: before.size + joined - this.#people.size };
    }

    /**
     * Applies a diff: joins first, then leaves, each by phx_ref.
     * Answers what happened: { kind, key, meta } with kind joined, left, updated, arrived (one more meta of a key) or departed (one less).
     */
    apply({ joins, leaves }) {
        const changes = [];
        for (const key of new Set([...Object.keys(joins), ...Object.keys(leaves)])) {
            this.#applyTo(key, joins[key]?.metas ?? [], leaves[key]?.metas ?? [], changes);
        }

        return changes;
    }

    #applyTo(key, joined, left, changes) {
        const metas = this.#people.get(key) ?? [];
        const before = metas.length;
        const found = [];
        for (const meta of joined) {
            // An update keeps its place. Its old meta is among the leaves too, and is no longer found there.
            const replaced = metas.findIndex(known => known.phx_ref === meta.phx_ref_prev || known.phx_ref === meta.phx_ref);
            if (replaced >= 0) {
                metas[replaced] = meta;
                found.push({ kind: 'updated', key, meta });
            } else {
                metas.push(meta);
                found.push({ kind: 'arrived', key, meta });
            }
        }

        for (const { phx_ref: ref } of left) {
            const at = metas.findIndex(known => known.phx_ref === ref);
            if (at >= 0) {
                found.push({ kind: 'departed', key, meta: metas[at] });
                metas.splice(at, 1);
            }
        }

        this.#metaCount += metas.length - before;
        if (before === 0 && metas.length > 0) {
            this.#people.set(key, metas);
            this.#sortedKeys = null;
            changes.push({ kind: 'joined', key, meta: metas[0] });
        } else if (before > 0 && metas.length === 0) {
            this.#people.delete(key);
            this.#sortedKeys = null;
            changes.push({ kind: 'left', key, meta: found.at(-1).meta });
        } else if (before > 0) {
            changes.push(...found);
        }
    }
}
