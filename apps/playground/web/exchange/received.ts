import type { JudgeRequest } from '../../src/serve/api.js';
import type { Exchange } from '../store.js';

/**
 * The last response, as bytes, and the method that it answers: everything received since the last request began, except
 * from the proxy. Undefined if there is none, or if some of it was not reported or not kept: the rest would be judged as
 * truncated.
 */
export function lastResponse(
  exchange: Pick<Exchange, 'wire' | 'view'> | undefined,
): JudgeRequest | undefined {
  const { wire = [], view } = exchange ?? {};
  const begin = wire.findLastIndex(({ part, tunnel }) => part === 'request-line' && !tunnel);
  const received = wire
    .slice(begin + 1)
    .filter(({ direction, tunnel }) => direction === 'received' && !tunnel);
  const isWhole = (view?.untold ?? 0) === 0 && received.every(({ data, size }) => data.length === size);
  if (begin < 0 || received.length === 0 || !isWhole) return undefined;
  const [method = ''] = wire[begin]!.data.split(' ', 1);
  return { bytes: received.map(({ data }) => data).join(''), method };
}
