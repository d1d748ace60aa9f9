/** Python in tests that read our outputs by other people's loaders. */
import { execFileSync } from 'node:child_process';
import { it } from 'vitest';

/** What a program prints. @throws where it fails. Leaves no compiled files behind. */
export function runPython(program: string, args: readonly string[] = []): string {
  return execFileSync('python3', ['-B', '-', ...args], {
    input: program,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Why a test that needs these modules is skipped; false where they are there. */
export function pythonLacks(...modules: readonly string[]): string | false {
  try {
    runPython(`import ${modules.join(', ')}`);
    return false;
  } catch {
    return `python3 with ${modules.join(', ')} is not on the path`;
  }
}

/** What a program's last line says, as JSON: libraries print lines of their own. */
export function askPython(program: string, ...args: readonly string[]): unknown {
  return JSON.parse(runPython(program, args).trimEnd().split('\n').at(-1) ?? '');
}

/** A test by other people's code; its name says what is missing. */
export function itWith(modules: readonly string[], name: string, test: () => Promise<void>): void {
  const lack = pythonLacks(...modules);
  it.skipIf(lack !== false)(lack === false ? name : `${name} (skipped: ${lack})`, test, 180_000);
}
