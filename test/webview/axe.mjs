// What axe finds in a page or frame: rules of WCAG 2.2 A and AA, and axe's best practices.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Lines for what is serious or worse: rule, where, why. Evaluated from outside, so that the page's policy holds. */
async function seriousFaults(frame) {
  await frame.evaluate(source);
  const { violations } = await frame.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.replace(/\s+/g, ' ')}`),
    );
}

/** @throws AssertionError with every serious finding. */
export async function assertAccessible(frame, what) {
  const faults = await seriousFaults(frame);
  assert.equal(faults.length, 0, `${what}: ${faults.length} serious findings\n${faults.slice(0, 20).join('\n')}`);
}
