const STORED = 'http-client playground key';

const PREFIX = '#key=';

/** Whether the address has a key, well-formed or not. */
export function hasKey(): boolean {
  return location.hash.startsWith(PREFIX);
}

/**
 * Returns the key that the server requires: from the address, as the terminal shows it, or else from local storage, so
 * that reloads and shared links work. It is removed from the address at once, where it could be copied or seen.
 *
 * @returns undefined if there is none, or if the one in the address is malformed.
 */
export function takeKey(): string | undefined {
  if (!hasKey()) return localStorage.getItem(STORED) ?? undefined;
  const given = location.hash.slice(PREFIX.length);
  history.replaceState(null, '', location.pathname);
  if (!/^[\w-]+$/.test(given)) return undefined;
  localStorage.setItem(STORED, given);
  return given;
}
