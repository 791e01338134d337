const STORED = 'http-client playground key';

/**
 * The key that the server wants: from the address that the terminal showed, and from then on from this browser's memory
 * of this origin, so that a reload and a shared link find it. It is taken out of the address at once, where it could be
 * copied or seen.
 */
export function takeKey(): string | undefined {
  const [, given] = /^#key=([\w-]+)$/.exec(location.hash) ?? [];
  if (given === undefined) return localStorage.getItem(STORED) ?? undefined;
  localStorage.setItem(STORED, given);
  history.replaceState(null, '', location.pathname);
  return given;
}
