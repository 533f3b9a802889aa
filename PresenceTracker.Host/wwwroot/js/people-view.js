// Who is here: one row for each key, at most ROWS_MAX of them in the document.

import { counted, element, nodeMark, number, painter } from './painting.js';

const ROWS_MAX = 200;
const METAS_MAX = 4;
const EXTRA_CHARACTERS_MAX = 120;
const PAINT_GAP_MS = 100;
const STATUSES = ['online', 'busy', 'away'];
const FOR_THE_PROTOCOL = ['phx_ref', 'phx_ref_prev', 'phx_node'];

const isMotionReduced = matchMedia('(prefers-reduced-motion: reduce)');

export class PeopleView {
    #list = document.getElementById('people');
    #note = document.getElementById('people-note');
    #count = document.getElementById('room-count');
    #find = document.getElementById('find');
    #findField = document.getElementById('find-field');
    #rows = new Map();
    #fresh = new Set();
    #roster = null;
    #ownKey = null;

    /** Asks for a painting; many calls make one. */
    changed = painter(() => this.#paint(), PAINT_GAP_MS);

    constructor() {
        this.#find.addEventListener('input', this.changed);
    }

    /** Another room, or the same anew. Null: not known yet. */
    showRoster(roster) {
        this.#roster = roster;
        this.#fresh.clear();
        this.changed();
    }

    showOwn(key) {
        this.#ownKey = key;
        this.changed();
    }

    /** Marks a row for a moment. */
    touch(key) {
        this.#fresh.add(key);
        this.changed();
    }

    #paint() {
        const roster = this.#roster;
        const wanted = this.#find.value.trim().toLowerCase();
        const keys = roster ? this.#chosen(roster, wanted) : [];
        const shown = keys.slice(0, ROWS_MAX);
        this.#placeRows(shown, roster);
        this.#fresh.clear();

        const people = roster?.size ?? 0;
        this.#findField.hidden = people <= ROWS_MAX && !wanted;
        this.#count.textContent = roster
            ? `${counted(people, 'person', 'people')}, ${counted(roster.metaCount, 'device', 'devices')}`
            : '';
        this.#note.textContent = noteFor(roster, wanted, shown.length, keys.length);
    }

    /** Oneself first, then by key. */
    #chosen(roster, wanted) {
        const keys = wanted ? roster.keys.filter(key => matches(key, roster.metasOf(key), wanted)) : roster.keys;
        const own = this.#ownKey;
        return own !== null && keys.includes(own) ? [own, ...keys.filter(key => key !== own)] : keys;
    }

    #placeRows(keys, roster) {
        const unused = new Map(this.#rows);
        let next = this.#list.firstElementChild;
        for (const key of keys) {
            const row = this.#rowFor(key, roster.metasOf(key));
            unused.delete(key);
            if (row === next) {
                next = next.nextElementSibling;
            } else {
                this.#list.insertBefore(row, next);
            }
        }

        for (const [key, row] of unused) {
            row.element.remove();
            this.#rows.delete(key);
        }
    }

    #rowFor(key, metas) {
        const row = this.#rows.get(key) ?? { element: element('li', 'person'), painted: '' };
        this.#rows.set(key, row);
        const isOwn = key === this.#ownKey;
        const painted = JSON.stringify([isOwn, metas]);
        if (row.painted !== painted) {
            row.painted = painted;
            row.element.replaceChildren(...personContent(key, metas, isOwn));
        }

        if (this.#fresh.has(key) && !isMotionReduced.matches) {
            row.element.animate([{ backgroundColor: 'var(--fresh)' }, { backgroundColor: 'transparent' }], 1500);
        }

        return row.element;
    }
}

function noteFor(roster, wanted, shown, found) {
    if (!roster) {
        return 'Asking the node who is here …';
    }

    if (found === 0) {
        return wanted ? 'Nobody here has that in their name.' : 'Nobody is here. Join, or open this page in a second window.';
    }

    return shown < found ? `The first ${number(shown)} of ${number(found)} are listed.` : '';
}

const nameOf = (key, metas) => typeof metas[0]?.name === 'string' && metas[0].name !== '' ? metas[0].name : key;

const matches = (key, metas, wanted) => key.toLowerCase().includes(wanted) || nameOf(key, metas).toLowerCase().includes(wanted);

function personContent(key, metas, isOwn) {
    const name = nameOf(key, metas);
    const avatar = element('span', 'avatar', [...name][0]?.toUpperCase() ?? '?');
    avatar.setAttribute('aria-hidden', 'true');
    avatar.style.setProperty('--hue', hueOf(key));
    const title = element('p', 'who', element('strong', '', element('bdi', '', name)));
    if (name !== key) {
        title.append(element('bdi', 'muted', key));
    }

    if (isOwn) {
        title.append(element('span', 'tag', 'you'));
    }

    const devices = element('ul', 'metas', ...metas.slice(0, METAS_MAX).map(metaContent));
    if (metas.length > METAS_MAX) {
        devices.append(element('li', 'muted', `and ${number(metas.length - METAS_MAX)} more`));
    }

    return [avatar, element('div', 'about', title, devices)];
}

function metaContent(meta) {
    const line = element('li', 'meta');
    const status = STATUSES.includes(meta.status) ? meta.status : null;
    if (status) {
        line.append(element('span', 'state', element('i', `dot ${status}`), status));
    }

    if (typeof meta.device === 'string' && meta.device !== '') {
        line.append(element('span', 'device', meta.device));
    }

    const extra = extraOf(meta, status);
    if (extra) {
        line.append(element('code', 'extra', extra));
    }

    if (meta.phx_node) {
        line.append(element('span', 'at mono', nodeMark(meta.phx_node), meta.phx_node));
    }

    return line;
}

/** What somebody else's backend has put into the meta. */
function extraOf(meta, status) {
    const known = ['name', 'device', ...FOR_THE_PROTOCOL, ...(status ? ['status'] : [])];
    const rest = Object.entries(meta).filter(([member]) => !known.includes(member));
    const text = rest.map(([member, value]) => `${member}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');
    return text.length > EXTRA_CHARACTERS_MAX ? `${text.slice(0, EXTRA_CHARACTERS_MAX)}…` : text;
}

function hueOf(key) {
    let hash = 0;
    for (const character of key) {
        hash = (hash * 31 + character.codePointAt(0)) % 360;
    }

    return hash;
}
