import { appendFileSync } from 'node:fs';

/** Notes a line of the table that `npm run reliability` ends with: what was tried, and what came of it. */
export function figure(what: string, outcome: string): void {
  const file = process.env['OHEM_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify([what, outcome])}\n`);
}
