import type { WireItem } from '../../src/serve/api.js';

/**
 * The bytes of the last response: everything received since the last request began, except from the proxy. Empty if
 * some of them were not kept.
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
