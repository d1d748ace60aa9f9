// Numbers and tables of the reports about trainings.
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of a sample; NaN of a single value. */
const spread = (values) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

export const fixed = (value, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export const withSpread = (values, digits) => `${fixed(mean(values), digits)} ± ${fixed(spread(values), digits)}`;

/** In Markdown; the first column is text, the others are numbers. */
export function table(header, rows) {
  return [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
