// Buttons and fields that a screen reader cannot tell apart: equal names in one room.
import assert from 'node:assert/strict';

/** @throws AssertionError with the names that two or more visible controls of `page` have. */
export async function assertNamesApart(page, what) {
  const names = await page.evaluate(() => {
    const textOf = (element) => element.textContent.trim().replace(/\s+/g, ' ');
    const nameOf = (element) =>
      element.getAttribute('aria-label') ?? (element.labels?.[0] ? textOf(element.labels[0]) : textOf(element));
    return [...document.querySelectorAll('button, input, select, textarea')]
      .filter(
        (element) => element.checkVisibility() && element.closest('[aria-hidden="true"], [role="listbox"]') === null,
      )
      .map((element) => `${element.tagName.toLowerCase()} ${nameOf(element)}`);
  });
  const equal = names.filter((name, place) => names.indexOf(name) !== place);
  assert.deepEqual([...new Set(equal)], [], what);
}
