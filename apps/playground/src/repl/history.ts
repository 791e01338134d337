import { mkdir, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Names the file of the history; empty, there is none. */
export const HISTORY_VARIABLE = 'HTTP_CLIENT_HISTORY';

/** Where the lines that were typed are kept; undefined where the user wants no history. */
export function historyPath(env: NodeJS.ProcessEnv, home: string = homedir()): string | undefined {
  const { [HISTORY_VARIABLE]: chosen, XDG_STATE_HOME: state = '' } = env;
  if (chosen !== undefined) return chosen === '' ? undefined : chosen;
  // A relative path is to be ignored (XDG Base Directory Specification).
  return join(state.startsWith('/') ? state : join(home, '.local', 'state'), 'http-client', 'repl-history');
}

/** Makes the file ready, for its user alone: what was typed may have passwords in it. False where it cannot be used. */
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
