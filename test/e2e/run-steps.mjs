// Steps of a walk through the workbench, in order.

/**
 * Each step stands on the one before: the first that fails ends the walk, with a picture. A step's `skips()` says why
 * it
 * is left out, '' where it is not.
 */
export async function runSteps(workbench, steps) {
  const result = { passed: 0, failed: 0 };
  for (const step of steps) {
    const { name } = step;
    const at = Date.now();
    const reason = step.skips?.() ?? '';
    if (reason !== '') {
      console.log(`  skip ${name}: ${reason}`);
      continue;
    }
    try {
      await step(workbench);
      result.passed++;
      console.log(`  ok   ${name} (${((Date.now() - at) / 1000).toFixed(1)} s)`);
    } catch (error) {
      result.failed++;
      console.log(`  FAIL ${name}\n${error.stack ?? error}`);
      await workbench.screenshot(`failed-${name}`).catch(() => {});
      break;
    }
  }
  return result;
}

/** Lines in which a webview's own script is refused by its policy; grows while the page lives. */
export function policyProblems(page, script) {
  const problems = [];
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy/i.test(text) && (text.includes('vscode-webview') || text.includes(script)))
      problems.push(text);
  });
  return problems;
}
