import type { WireItem } from '../../src/serve/api.js';

/** The bytes of the last answer, as they came: all that was received since the last request began, but not by its proxy. */
export function receivedOf(items: readonly WireItem[]): string {
  const begin = items.findLastIndex(({ part, tunnel }) => part === 'request-line' && !tunnel);
  return items
    .slice(begin + 1)
    .filter(({ direction, tunnel }) => direction === 'received' && !tunnel)
    .map(({ data }) => data)
    .join('');
}
