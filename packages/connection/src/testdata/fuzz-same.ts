import { isDeepStrictEqual } from 'node:util';

/** Deep equality; undefined counts as absent. */
export function same(one: unknown, other: unknown): boolean {
  // Avoids the detour through text, which costs more, if possible.
  return isDeepStrictEqual(one, other) || isDeepStrictEqual(plain(one), plain(other));
}

/** Throws if the two differ. */
export function sameOrThrow(what: string, actual: unknown, expected: unknown): void {
  if (same(actual, expected)) return;
  throw new Error(`${what}\n  is        ${shown(actual)}\n  should be ${shown(expected)}`);
}

function shown(value: unknown): string {
  return JSON.stringify(plain(value));
}

/** As in JSON, with errors as text. */
function plain(value: unknown): unknown {
  const text = JSON.stringify({ value }, (_key, part: unknown) =>
    part instanceof Error ? String(part) : part,
  );
  return (JSON.parse(text) as { value?: unknown }).value;
}
