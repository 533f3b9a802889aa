// A word for the device of the person at this page, from what the browser says of itself.

const BROWSERS = [['Edg', 'Edge'], ['OPR/', 'Opera'], ['Firefox', 'Firefox'], ['FxiOS', 'Firefox'], ['Chrome', 'Chrome'], ['CriOS', 'Chrome'], ['Safari', 'Safari']];
const SYSTEMS = [['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['Windows', 'Windows'], ['Mac OS', 'Mac'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux']];

export function deviceName(userAgent) {
    const first = words => words.find(([mark]) => userAgent.includes(mark))?.[1];
    return `${first(BROWSERS) ?? 'Browser'} on ${first(SYSTEMS) ?? 'unknown device'}`;
}
