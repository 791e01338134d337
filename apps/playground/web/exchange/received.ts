import type { WireItem } from '../../src/serve/api.js';

/**
 * The bytes of the last answer, as they came: all that was received since the last request began, but not from its proxy.
 * Nothing where not all of them were kept.
 */
export function receivedOf(items: readonly WireItem[]): string {
  const begin = items.findLastIndex(({ part, tunnel }) => part === 'request-line' && !tunnel);
  const received = items
    .slice(begin + 1)
    .filter(({ direction, tunnel }) => direction === 'received' && !tunnel);
  return received.some(({ data, size }) => data.length < size)
    ? ''
    : received.map(({ data }) => data).join('');
}
