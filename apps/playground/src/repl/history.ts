import { mkdir, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The environment variable that names the file of the history. If it is empty, there is none. */
export const HISTORY_VARIABLE = 'HTTP_CLIENT_HISTORY';

/** The file in which typed lines are kept; undefined if the user wants no history. */
export function historyPath(env: NodeJS.ProcessEnv, home: string = homedir()): string | undefined {
  const { [HISTORY_VARIABLE]: chosen, XDG_STATE_HOME: state = '' } = env;
  if (chosen !== undefined) return chosen === '' ? undefined : chosen;
  // A relative path must be ignored (XDG Base Directory Specification).
  return join(state.startsWith('/') ? state : join(home, '.local', 'state'), 'http-client', 'repl-history');
}

/**
 * Creates the file, readable only for its user: typed lines may contain passwords.
 *
 * @returns whether it can be used.
 */
export async function prepareHistory(path: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'a+', 0o600);
    const isFile = (await file.stat()).isFile();
    await file.close();
    return isFile;
  } catch {
    return false;
  }
}
