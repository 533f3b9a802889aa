/**
 * Who is in a topic, folded from states and diffs exactly as by phoenix.js: joins first, then leaves, each meta told by its `phx_ref`, and
 * what joined stands behind what was there. Only what is said of an update differs: it is one change instead of a join and a leave.
 */
export class TopicState {
    /** Without a prototype, so that `__proto__` and `constructor` are keys like any other. */
    entries = withoutPrototype();
    /** Makes the entries those of the state. Answers only real differences, as if a diff had brought them. */
    replace(state) {
        const joins = withoutPrototype();
        const leaves = withoutPrototype();
        for (const [key, current] of Object.entries(this.entries)) {
            if (!Object.hasOwn(state, key)) {
                leaves[key] = current;
            }
        }
        for (const [key, entry] of Object.entries(state)) {
            const current = this.entries[key];
            if (current === undefined) {
                joins[key] = entry;
                continue;
            }
            const joined = except(entry.metas, refsOf(current));
            if (joined.length > 0) {
                joins[key] = { ...entry, metas: joined };
            }
            const left = except(current.metas, refsOf(entry));
            if (left.length > 0) {
                leaves[key] = { ...current, metas: left };
            }
        }
        return this.apply({ joins, leaves });
    }
    /** A diff that names no joins or no leaves has none. */
    apply(diff) {
        const joins = withoutPrototype(diff.joins);
        const leaves = withoutPrototype(diff.leaves);
        const changes = [];
        for (const [key, joined] of Object.entries(joins)) {
            const leaving = leaves[key];
            const current = this.entries[key];
            const updates = current && leaving ? updatesIn(current, joined, refsOf(leaving)) : [];
            const before = except(current?.metas ?? [], refsOf(joined));
            this.entries[key] = { ...joined, metas: [...before, ...joined.metas] };
            for (const { previous, meta } of updates) {
                changes.push({ kind: "update", key, previous, meta });
            }
            const updated = new Map(updates.map(({ previous, meta }) => [previous.phx_ref, meta]));
            const joinedAnew = except(joined.metas, new Set(updates.map(({ meta }) => meta.phx_ref)));
            if (joinedAnew.length > 0) {
                changes.push({
                    kind: "join",
                    key,
                    current: current && { ...current, metas: current.metas.map(meta => updated.get(meta.phx_ref) ?? meta) },
                    joined: { ...joined, metas: joinedAnew },
                });
            }
            if (leaving) {
                leaves[key] = { ...leaving, metas: except(leaving.metas, new Set(updated.keys())) };
                this.#remove(key, new Set(updated.keys()));
            }
        }
        for (const [key, left] of Object.entries(leaves)) {
            if (left.metas.length > 0 && this.#remove(key, refsOf(left))) {
                // What is here now is what remains, also when that is nothing and the key goes.
                const current = this.entries[key];
                changes.push({ kind: "leave", key, current, left });
                if (current.metas.length === 0) {
                    delete this.entries[key];
                }
            }
        }
        return changes;
    }
    /** Answers whether the key was there. */
    #remove(key, refs) {
        const current = this.entries[key];
        if (current === undefined) {
            return false;
        }
        this.entries[key] = { ...current, metas: except(current.metas, refs) };
        return true;
    }
}
/** The metas that took the place of one that is here and leaves. */
function updatesIn(current, joined, leaving) {
    const here = new Map(current.metas.map(meta => [meta.phx_ref, meta]));
    return joined.metas.flatMap(meta => {
        const previous = meta.phx_ref_prev !== undefined && leaving.has(meta.phx_ref_prev) ? here.get(meta.phx_ref_prev) : undefined;
        return previous ? [{ previous, meta }] : [];
    });
}
const refsOf = (entry) => new Set(entry.metas.map(meta => meta.phx_ref));
const except = (metas, refs) => metas.filter(meta => !refs.has(meta.phx_ref));
const withoutPrototype = (entries) => Object.assign(Object.create(null), entries);
