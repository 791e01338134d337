import { isDeepStrictEqual } from 'node:util';

/** What is undefined is as good as absent. */
export function same(one: unknown, other: unknown): boolean {
  // Without the way through text, which costs more, where there is no need of it.
  return isDeepStrictEqual(one, other) || isDeepStrictEqual(plain(one), plain(other));
}

/** Throws where the two differ. */
export function sameOrThrow(what: string, actual: unknown, expected: unknown): void {
  if (same(actual, expected)) return;
  throw new Error(`${what}\n  is        ${shown(actual)}\n  should be ${shown(expected)}`);
}

function shown(value: unknown): string {
  return JSON.stringify(plain(value));
}

/** As JSON has it, errors by their text. */
function plain(value: unknown): unknown {
  const text = JSON.stringify({ value }, (_key, part: unknown) =>
    part instanceof Error ? String(part) : part,
  );
  return (JSON.parse(text) as { value?: unknown }).value;
}
