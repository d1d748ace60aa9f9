/** Who decides: git's user of the run's folder, else the name of the account. */
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

const GIT_MS = 2000;

/** Never empty. */
export async function authorOf(runPath: string): Promise<string> {
  const name = await gitUser(dirname(runPath));
  return name === '' ? accountName() : name;
}

/** '' where there is no git, or no name. */
function gitUser(folder: string): Promise<string> {
  return new Promise((resolve) => {
    // Not as the working folder: Windows would look for git there.
    const args = ['-C', folder, 'config', 'user.name'];
    execFile('git', args, { timeout: GIT_MS, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : ''),
    );
  });
}

function accountName(): string {
  try {
    return userInfo().username || 'somebody';
  } catch {
    // An account without an entry, as in containers.
    return 'somebody';
  }
}
