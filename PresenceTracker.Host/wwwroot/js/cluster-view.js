// Every node as this node sees it: one card each.

import { bytes, counted, element, nodeHue, nodeMark, number, rate } from './painting.js';
import { Sparkline } from './sparkline.js';
import { Traffic } from './traffic.js';

const STATE_WORDS = { up: 'up', suspect: 'suspect', down: 'down' };

export class ClusterView {
    #list = document.getElementById('nodes');
    #summary = document.getElementById('cluster-summary');
    #self = document.getElementById('self-address');
    #cards = new Map();
    #onStateChange;

    /** @param onStateChange Is told (address, state, isNewLife) of what is not the first thing known of a node. */
    constructor(onStateChange) {
        this.#onStateChange = onStateChange;
    }

    show({ self, nodes }) {
        this.#self.textContent = self;
        nodes.map(node => node.address).sort().forEach(nodeHue);
        const isFirst = this.#cards.size === 0;
        const gone = new Set(this.#cards.keys());
        for (const node of inOrder(nodes.map(node => node.self ? withTotals(node, nodes) : node))) {
            gone.delete(node.address);
            this.#cardOf(node, isFirst).show(node);
            this.#list.append(this.#cards.get(node.address).element);
        }

        for (const address of gone) {
            this.#cards.get(address).element.remove();
            this.#cards.delete(address);
            this.#onStateChange(address, 'removed');
        }

        this.#summary.textContent = summaryOf(nodes);
    }

    /** What is shown is no longer known to be true. */
    showStale(isStale) {
        this.#list.classList.toggle('stale', isStale);
    }

    #cardOf(node, isFirst) {
        const known = this.#cards.get(node.address);
        if (!known) {
            const card = new NodeCard(node.address);
            this.#cards.set(node.address, card);
            if (!isFirst) {
                this.#onStateChange(node.address, node.state);
            }

            return card;
        }

        if (known.state !== node.state || known.incarnation !== node.incarnation) {
            this.#onStateChange(node.address, node.state, known.incarnation !== node.incarnation);
        }

        return known;
    }
}

class NodeCard {
    #traffic = new Traffic();
    #sparkline = new Sparkline();
    #badge = element('span', 'badge');
    #selfTag = element('span', 'tag', 'this node');
    #values = {
        presences: element('dd', ''),
        lag: element('dd', ''),
        sent: element('dd', ''),
        received: element('dd', ''),
        incarnation: element('dd', 'mono'),
    };

    constructor(address) {
        this.element = element('li', 'node-card',
            element('p', 'node-title', nodeMark(address), element('strong', 'mono', address), this.#selfTag, this.#badge),
            element('dl', 'figures',
                pair('Presences', this.#values.presences),
                pair('Lag', this.#values.lag),
                pair('Sent', this.#values.sent),
                pair('Received', this.#values.received),
                pair('Incarnation', this.#values.incarnation)),
            this.#sparkline.element);
        this.element.dataset.address = address;
    }

    show(node) {
        this.state = node.state;
        this.incarnation = node.incarnation;
        this.element.dataset.state = node.state;
        this.#badge.textContent = STATE_WORDS[node.state] ?? node.state;
        this.#selfTag.hidden = !node.self;
        this.#traffic.sample(node, performance.now());
        const rates = this.#traffic.rates;
        this.#values.presences.textContent = number(node.presences);
        this.#values.lag.textContent = node.lag === 0 ? 'none' : counted(node.lag, 'change behind', 'changes behind');
        this.#values.sent.textContent = rates ? perSecond(rates.sentMessages, rates.sentBytes) : '–';
        this.#values.received.textContent = rates ? perSecond(rates.receivedMessages, rates.receivedBytes) : '–';
        this.#values.incarnation.textContent = node.incarnation;
        this.#sparkline.draw(this.#traffic.history);
    }
}

const pair = (term, value) => element('div', '', element('dt', '', term), value);

const perSecond = (messages, byteCount) => `${rate(messages)} msg/s, ${bytes(byteCount)}/s`;

/** A node has no traffic with itself: its card shows what it exchanges with all others. */
function withTotals(self, nodes) {
    const total = (way, unit) => nodes.reduce((sum, node) => sum + node[way][unit], 0);
    const both = way => ({ messages: total(way, 'messages'), bytes: total(way, 'bytes') });
    return { ...self, sent: both('sent'), received: both('received') };
}

/** This node first, the others by address. */
const inOrder = nodes => nodes.toSorted((a, b) => b.self - a.self || (a.address < b.address ? -1 : 1));

function summaryOf(nodes) {
    const states = Map.groupBy(nodes, node => node.state);
    const parts = ['up', 'suspect', 'down'].filter(state => states.has(state)).map(state => `${states.get(state).length} ${state}`);
    return `${counted(nodes.length, 'node', 'nodes')}: ${parts.join(', ')}`;
}
