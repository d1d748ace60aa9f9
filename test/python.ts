/** Python in tests that read our outputs by other people's loaders. */
import { execFileSync } from 'node:child_process';

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
