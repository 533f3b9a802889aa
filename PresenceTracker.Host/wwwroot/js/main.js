// The page: one room, the person in it, and the cluster.

import { apiKey, getNodes, getReadiness, UnreachableError } from './api.js';
import { ClusterView } from './cluster-view.js';
import { deviceName } from './device.js';
import { LogView } from './log-view.js';
import { OwnPresence } from './own-presence.js';
import { show } from './painting.js';
import { PeopleView } from './people-view.js';
import { RoomStream } from './room-stream.js';
import { Roster } from './roster.js';

const POLL_GAP_MS = 1000;
const UNAUTHORIZED = 401;

const byId = id => document.getElementById(id);
const log = new LogView();
const people = new PeopleView();
const cluster = new ClusterView((address, state, isNewLife) =>
    log.note(`node-${state}`, address, isNewLife ? `is ${state}, started anew` : `is ${state}`));

let room = null;
let own = null;
let isAnswering = true;
let hasStream = true;
let hasHub = true;

/** One room as it is watched. Its roster outlives the stream, so that a reconnection can tell what happened meanwhile. */
class Room {
    roster = null;
    #stream = null;

    constructor(topic) {
        this.topic = topic;
        this.resume();
    }

    /** Opens the stream, unless it is open, or nobody looks: then the page being shown resumes. */
    resume() {
        if (document.hidden) {
            return;
        }

        this.#stream ??= new RoomStream(this.topic, {
            state: state => this.#stateCame(state),
            diff: diff => this.#diffCame(diff),
            lost: () => connectionIs({ hasStream: false }),
            returning: () => own?.returned(),
            refused: error => {
                connectionIs({ hasStream: true });
                showProblem(error);
            },
        });
    }

    pause() {
        this.#stream?.close();
        this.#stream = null;
    }

    #stateCame(state) {
        const isFirst = this.roster === null;
        this.roster ??= new Roster();
        const { joined, left } = this.roster.replace(state);
        if (!isFirst && joined + left > 0) {
            log.note('caught-up', 'Meanwhile', `${joined} joined, ${left} left`);
        }

        connectionIs({ hasStream: true });
        people.showRoster(this.roster);
    }

    #diffCame(diff) {
        for (const change of this.roster.apply(diff)) {
            log.change(change);
            people.touch(change.key);
        }

        people.changed();
    }
}

function watch(topic) {
    if (room?.topic !== topic) {
        room?.pause();
        people.showRoster(null);
        room = new Room(topic);
    }

    byId('room-title').textContent = topic;
    document.title = `${topic} · PresenceTracker`;
    showButton();
}

async function join(topic, name) {
    watch(topic);
    const meta = { name, device: deviceName(navigator.userAgent), status: chosenStatus() };

    // Known before the node has answered, so that there is no second one meanwhile. Until then the address stays: who reloads still wants to join.
    own = new OwnPresence(topic, name, meta, { connection: isConnected => connectionIs({ hasHub: isConnected }), problem: showProblem });
    showJoining(true);
    try {
        await own.join();
        localStorage.setItem('name', name);
    } catch (error) {
        own = null;
        throw error;
    } finally {
        showJoining(false);
    }

    showOwn();
}

async function leave() {
    const left = own;
    own = null;
    showOwn();
    await left?.leave();
}

function showOwn() {
    byId('join').hidden = own !== null;
    byId('own').hidden = own === null;
    byId('own-name').textContent = own?.key ?? '';
    byId('own-device').textContent = own ? `on ${own.meta.device}` : '';
    people.showOwn(own?.key ?? null);
    const parameters = new URLSearchParams({ room: room.topic, ...(own ? { name: own.key } : {}) });
    history.replaceState(null, '', `?${parameters}`);
}

/** The button is not disabled: it would lose the keyboard's focus, and who is refused could not try again at once. */
function showJoining(isJoining) {
    byId('submit').setAttribute('aria-disabled', isJoining);
}

function showProblem(error) {
    show(byId('problem'), error?.message);
    if (error?.status === UNAUTHORIZED) {
        byId('api-key-field').hidden = false;
        byId('api-key').focus();
    }
}

/** Runs what a person asked for, and shows what the node has against it. */
async function attempt(action) {
    showProblem(null);
    try {
        await action();
    } catch (error) {
        showProblem(error);
    }
}

function connectionIs(known) {
    ({ isAnswering = isAnswering, hasStream = hasStream, hasHub = hasHub } = known);
    const isConnected = isAnswering && hasStream && hasHub;
    show(byId('connection'), isConnected ? null : `Disconnected from ${location.host}. What you see may be out of date. Trying again …`);
    document.body.classList.toggle('stale', !isConnected);
    cluster.showStale(!isAnswering);
}

async function poll() {
    try {
        const [nodes, readiness] = await Promise.all([getNodes(), getReadiness()]);
        connectionIs({ isAnswering: true });
        cluster.show(nodes);
        showHealth(readiness.ready ? 'ready' : ['not ready', readiness.reason].filter(Boolean).join(': '), readiness.ready);
    } catch (error) {
        connectionIs({ isAnswering: !(error instanceof UnreachableError) });
        showHealth(error instanceof UnreachableError ? 'no answer' : error.message, false);
    }
}

function showHealth(word, isGood) {
    const health = byId('health');
    if (health.textContent !== word) {
        health.textContent = word;
    }

    health.classList.toggle('good', isGood);
    health.classList.toggle('bad', !isGood);
}

async function pollForever() {
    for (; ;) {
        if (!document.hidden) {
            await poll();
        }

        await new Promise(resolve => setTimeout(resolve, POLL_GAP_MS));
    }
}

const chosenStatus = () => byId('status').querySelector('input:checked').value;

/** Without a name, another room is only watched. */
function showButton() {
    const isOther = byId('room').value.trim() !== room.topic;
    byId('submit').textContent = isOther && !byId('name').value.trim() ? 'Watch' : 'Join';
}

// First of all, so that nodes have their colours in the same order on every page.
await poll();

byId('join').addEventListener('submit', event => {
    event.preventDefault();
    if (own !== null) {
        return;
    }

    apiKey.value = byId('api-key').value;
    const topic = byId('room').value.trim();
    const name = byId('name').value.trim();
    if (name) {
        attempt(() => join(topic, name));
    } else if (topic === room.topic) {
        byId('name').focus();
    } else {
        attempt(() => watch(topic));
    }
});

byId('join').addEventListener('input', showButton);
byId('leave').addEventListener('click', () => attempt(leave).then(() => byId('name').focus()));
byId('status').addEventListener('change', () => attempt(() => own?.update({ ...own.meta, status: chosenStatus() })));

// A hidden tab keeps its presence, and gives back its stream: a browser allows a site six connections for all its tabs.
document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
        room.pause();
    } else {
        room.resume();
        own?.connectNow();
    }
});

// Back from the browser's cache of pages, as if it had been loaded anew.
addEventListener('pageshow', event => event.persisted && location.reload());

const parameters = new URLSearchParams(location.search);
byId('room').value = parameters.get('room') || byId('room').value;
byId('name').value = parameters.get('name') ?? localStorage.getItem('name') ?? '';
byId('api-key').value = apiKey.value;
watch(byId('room').value);
if (parameters.get('name')) {
    attempt(() => join(room.topic, parameters.get('name')));
}

pollForever();
