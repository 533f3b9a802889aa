// What happened since the page was opened, newest first. The newest LINES_MAX lines are kept.

import { counted, element, nodeMark, painter, rate } from './painting.js';

const LINES_MAX = 100;
const LINES_AT_ONCE_MAX = 25;
const PAINT_GAP_MS = 100;
const ANNOUNCE_GAP_MS = 3000;
const ANNOUNCED_MAX = 3;
const RATE_WINDOW_MS = 5000;

const WORDS = {
    joined: 'joined',
    left: 'left',
    updated: 'changed',
    arrived: 'joined once more',
    departed: 'left on one device',
};

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export class LogView {
    #lines = document.getElementById('log');
    #note = document.getElementById('log-note');
    #rate = document.getElementById('log-rate');
    #announcer = document.getElementById('announcer');
    // What waits for the next painting and the next announcement: the newest that these can show, and how many there were.
    #pending = [];
    #pendingCount = 0;
    #unannounced = [];
    #unannouncedCount = 0;
    #recent = [];

    #changed = painter(() => this.#paint(), PAINT_GAP_MS);

    // A screen reader hears a few names, or a number, but not a flood.
    #announce = painter(() => {
        const said = this.#unannounced.splice(0);
        this.#announcer.textContent = this.#unannouncedCount <= ANNOUNCED_MAX ? said.join('. ') : summary(this.#unannouncedCount);
        this.#unannouncedCount = 0;
    }, ANNOUNCE_GAP_MS);

    constructor() {
        setInterval(() => this.#paintRate(), 1000);
    }

    /** A change of the room, as the roster reports it. */
    change({ kind, key, meta }) {
        const detail = kind === 'updated' && typeof meta.status === 'string' ? `is ${meta.status}` : WORDS[kind];
        const at = meta.phx_node && kind !== 'updated' ? meta.phx_node : null;
        this.#recent.push(performance.now());
        this.#add({ kind, subject: key, text: detail, at });
    }

    /** Something else worth a line: a node's state, a reconnection. */
    note(kind, subject, text) {
        this.#add({ kind, subject, text, at: null });
    }

    #add(line) {
        pushNewest(this.#pending, { ...line, time: new Date() }, LINES_AT_ONCE_MAX);
        this.#pendingCount++;
        pushNewest(this.#unannounced, `${line.subject} ${line.text}`, ANNOUNCED_MAX);
        this.#unannouncedCount++;
        this.#changed();
        this.#announce();
    }

    #paint() {
        const lines = this.#pending.splice(0).map(lineContent);
        const leftOut = this.#pendingCount - lines.length;
        this.#pendingCount = 0;
        if (leftOut > 0) {
            lines.unshift(element('li', 'line', element('span', 'muted', `${summary(leftOut)} before these`)));
        }

        this.#lines.prepend(...lines.reverse());
        while (this.#lines.childElementCount > LINES_MAX) {
            this.#lines.lastElementChild.remove();
        }

        this.#note.hidden = true;
    }

    #paintRate() {
        const since = performance.now() - RATE_WINDOW_MS;
        this.#recent = this.#recent.filter(at => at >= since);
        const perSecond = this.#recent.length / (RATE_WINDOW_MS / 1000);
        this.#rate.textContent = perSecond >= 1 ? `${rate(perSecond)} changes a second` : '';
    }
}

function pushNewest(array, item, max) {
    array.push(item);
    if (array.length > max) {
        array.shift();
    }
}

const summary = count => counted(count, 'change', 'changes');

function lineContent({ kind, subject, text, at, time }) {
    const stamp = element('time', 'mono muted', clock.format(time));
    stamp.dateTime = time.toISOString();
    const sentence = element('span', 'sentence', element('strong', '', element('bdi', '', subject)), ` ${text}`);
    if (at) {
        sentence.append(element('span', 'at mono', nodeMark(at), at));
    }

    return element('li', `line ${kind}`, stamp, element('i', 'bullet'), sentence);
}
