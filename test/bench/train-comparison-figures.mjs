// Small SVG figures without a library, two panels side by side, readable on light and dark ground.
const [WIDTH, HEIGHT, TOP, LEFT, BOTTOM] = [430, 288, 52, 46, 68];
/** More names than this stand aslant. */
const MOST_LEVEL = 7;
const LEGEND_ROW = 14;
const COLOURS = {
  paper: '#e4572e',
  'paper-class': '#c2539b',
  random: '#2b87c0',
  'bg-lo': '#8a6fd1',
  all: '#8a939e',
  ssd: '#2f9e5b',
  mmdet: '#14808a',
  'paper-32': '#e99a7e',
  'random-32': '#86b9dd',
  'paper-quota': '#a33b1c',
  'paper-warm': '#d17a22',
  focal: '#c79a00',
};
const DASHES = {
  paper: '',
  'paper-class': '2 2',
  random: '7 3',
  'bg-lo': '2 4',
  all: '10 3 2 3',
  ssd: '4 2',
  mmdet: '8 2 2 2',
  focal: '1 3',
};
const PHASE_COLOURS = ['#8a939e', '#e4572e', '#f2b134', '#2b87c0'];

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const label = (x, y, text, rest = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${rest}>${escaped(text)}</text>`;

/**
 * @param panels `{title, body}`, side by side.
 * @returns the SVG document.
 */
export function figure(title, panels) {
  const width = WIDTH * panels.length;
  const style =
    'text{font:12px system-ui,sans-serif;fill:#57606a}.grid{stroke:#8a939e;stroke-opacity:.35}' +
    '.title{font-weight:600}@media (prefers-color-scheme: dark){text{fill:#b6bec8}}';
  const inside = panels.map(
    ({ title: name, body }, i) => `<g transform="translate(${i * WIDTH} 0)">${label(LEFT, 38, name)}${body}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" ` +
    `height="${HEIGHT}" role="img" ` +
    `aria-label="${escaped(title)}">\n<style>${style}</style>\n${label(LEFT, 18, title, 'class="title"')}` +
    `\n${inside.join('\n')}\n</svg>\n`
  );
}

/** Maps [least, most] to the panel's height, with lines of a round step. */
function scale(values, fromZero = false) {
  const [low, high] = [fromZero ? 0 : Math.min(...values), Math.max(...values)];
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const [least, most] = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  const y = (value) => HEIGHT - BOTTOM - ((value - least) / (most - least)) * (HEIGHT - BOTTOM - TOP);
  const lines = Array.from({ length: Math.round((most - least) / step) + 1 }, (_, i) => least + i * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const grid = lines.map(
    (value) =>
      `<path class="grid" d="M${LEFT} ` +
      `${y(value).toFixed(1)}H${WIDTH - 12}"/>` +
      `${label(LEFT - 6, y(value) + 4, value.toFixed(digits), 'text-anchor="end"')}`,
  );
  return { y, grid: grid.join('') };
}

const place = (i, count) => LEFT + ((i + 0.5) * (WIDTH - 12 - LEFT)) / count;

function nameBelow(x, name, isSlanted) {
  const y = HEIGHT - BOTTOM + 18;
  if (!isSlanted) return label(x, y, name, 'text-anchor="middle"');
  return label(x, y, name, `text-anchor="end" transform="rotate(-35 ${x.toFixed(1)} ${y})"`);
}

/** @param groups [name, values]: a dot each and a line at the mean. */
export function dots(groups) {
  const { y, grid } = scale(groups.flatMap(([, values]) => values));
  const marks = groups.map(([name, values], i) => {
    const x = place(i, groups.length);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const all = values.map(
      (value, k) =>
        `<circle cx="${(x + (k - (values.length - 1) / 2) * 5).toFixed(1)}" cy="${y(value).toFixed(1)}" ` +
        `r="3.5" fill="${COLOURS[name]}" fill-opacity=".75"/>`,
    );
    return (
      `${all.join('')}<path d="M${(x - 18).toFixed(1)} ${y(average).toFixed(1)}h36" stroke="${COLOURS[name]}" ` +
      `stroke-width="2"/>${nameBelow(x, name, groups.length > MOST_LEVEL)}`
    );
  });
  return { body: grid + marks.join('') };
}

/** @param groups [name, [[x, y], …]]: a line each, named below. @param step between the numbers of x. */
export function curves(groups, step = 1) {
  const points = groups.flatMap(([, line]) => line);
  const { y, grid } = scale(points.map(([, value]) => value));
  const most = Math.max(...points.map(([x]) => x));
  const x = (value) => LEFT + (value / most) * (WIDTH - 12 - LEFT);
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) =>
    label(x(i * step), HEIGHT - BOTTOM + 18, String(i * step), 'text-anchor="middle"'),
  );
  const lines = groups.map(
    ([name, line]) =>
      `<path fill="none" stroke="${COLOURS[name]}" stroke-width="2" stroke-dasharray="${DASHES[name] ?? '3 3'}" ` +
      `d="M${line.map(([px, py]) => `${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('L')}"/>`,
  );
  return {
    body:
      grid +
      ticks.join('') +
      lines.join('') +
      legend(groups.map(([name]) => [name, COLOURS[name], DASHES[name] ?? '3 3'])),
  };
}

/** Each as wide as its text, in as many rows as they need. */
function legend(names) {
  let [x, y] = [LEFT, HEIGHT - BOTTOM + 36];
  return names
    .map(([name, colour, dash]) => {
      const width = 40 + name.length * 6.5;
      if (x + width > WIDTH) [x, y] = [LEFT, y + LEGEND_ROW];
      const entry =
        `<path stroke="${colour}" stroke-width="3" stroke-dasharray="${dash}" d="M${x.toFixed(1)} ` +
        `${y - 4}h18"/>${label(x + 22, y, name, 'style="font-size:11px"')}`;
      x += width;
      return entry;
    })
    .join('');
}

/** @param groups [name, [[part, value], …]]: parts upon each other. */
export function stackedBars(groups) {
  const { y, grid } = scale(
    groups.map(([, parts]) => parts.reduce((sum, [, value]) => sum + value, 0)),
    true,
  );
  const bars = groups.map(([name, parts], i) => {
    const x = place(i, groups.length);
    let base = 0;
    const boxes = parts.map(([, value], k) => {
      const box =
        `<path fill="${PHASE_COLOURS[k]}" d="M${(x - 16).toFixed(1)} ` +
        `${y(base).toFixed(1)}h32V${y(base + value).toFixed(1)}h-32z"/>`;
      base += value;
      return box;
    });
    return boxes.join('') + label(x, HEIGHT - BOTTOM + 18, name, 'text-anchor="middle"');
  });
  const names = groups[0][1].map(([part], k) => [part, PHASE_COLOURS[k], '']);
  return { body: grid + bars.join('') + legend(names) };
}
