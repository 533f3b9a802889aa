// What all views share: elements, batching, numbers.

/** An element with a class and children; strings become text, never markup. */
export function element(tag, className, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
}

/** A function that asks for a painting: the next frame, but not sooner than gapMs after the one before, however often it is asked. */
export function painter(paint, gapMs) {
    let isAsked = false;
    let last = -Infinity;
    const run = now => {
        isAsked = false;
        last = now;
        paint(now);
    };
    return () => {
        if (!isAsked) {
            isAsked = true;
            setTimeout(() => requestAnimationFrame(run), Math.max(0, last + gapMs - performance.now()));
        }
    };
}

/** Shows a text in an element, or hides the element if there is none. */
export function show(where, text) {
    where.hidden = !text;
    where.textContent = text ?? '';
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const number = value => whole.format(value);

export const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/** At most one decimal below ten, none above: enough to see, little to flicker. */
export const rate = value => value < 10 ? short.format(value) : whole.format(value);

export function bytes(value) {
    const units = ['B', 'kB', 'MB', 'GB'];
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }

    return `${unit === 0 ? whole.format(value) : rate(value)} ${units[unit]}`;
}

const nodeHues = new Map();

/** The hue of a node, the same in every view: what is asked for one after the other is far apart on the colour wheel. */
export function nodeHue(address) {
    if (!nodeHues.has(address)) {
        nodeHues.set(address, Math.round(205 + nodeHues.size * 137.5) % 360);
    }

    return nodeHues.get(address);
}

export function nodeMark(address) {
    const mark = element('i', 'node-mark');
    mark.style.setProperty('--hue', nodeHue(address));
    return mark;
}
