// A line of the last minute, without axes: enough to see that something moves.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 60;
const HEIGHT = 20;

export class Sparkline {
    element = document.createElementNS(SVG, 'svg');
    #line = document.createElementNS(SVG, 'polyline');

    constructor() {
        this.element.setAttribute('class', 'sparkline');
        this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
        this.element.setAttribute('preserveAspectRatio', 'none');
        this.element.setAttribute('aria-hidden', 'true');
        this.element.append(this.#line);
    }

    /** The newest value is at the right. */
    draw(values) {
        const top = Math.max(...values, 1);
        const points = values.map((value, at) => `${WIDTH - values.length + at + 1},${(HEIGHT - 1 - value / top * (HEIGHT - 2)).toFixed(1)}`);
        this.#line.setAttribute('points', points.join(' '));
    }
}
