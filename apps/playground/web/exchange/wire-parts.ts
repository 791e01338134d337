import type { WireItem } from '../../src/serve/api.js';

type Part = WireItem['part'];

/** What each part is, in the order of the legend. */
export const PARTS: Readonly<Record<Part, string>> = {
  'request-line': 'method, target and version',
  'status-line': 'version, status and reason',
  header: 'one field, with its line end',
  'blank-line': 'the end of the head or the trailers',
  body: 'the body, as it is',
  'chunk-size': 'the size of the chunk',
  'chunk-data': 'the body, chunk by chunk',
  'chunk-end': 'the line end after the data',
  trailer: 'a field after the body',
  excess: 'bytes that no request asked for',
};

/** Consecutive items in the same direction. */
export interface WireGroup {
  readonly direction: WireItem['direction'];
  readonly tunnel: boolean;
  readonly items: readonly (WireItem & { readonly offset: number })[];
  readonly size: number;
}

/** Groups items into turns, and adds to each item its offset in its direction. */
export function groupsOf(items: readonly WireItem[]): WireGroup[] {
  const groups: {
    direction: WireItem['direction'];
    tunnel: boolean;
    items: WireGroup['items'][number][];
    size: number;
  }[] = [];
  const offsets = { sent: 0, received: 0 };
  for (const item of items) {
    const { direction, tunnel, size } = item;
    let group = groups.at(-1);
    if (group?.direction !== direction || group.tunnel !== tunnel) {
      group = { direction, tunnel, items: [], size: 0 };
      groups.push(group);
    }
    group.items.push({ ...item, offset: offsets[direction] });
    group.size += size;
    offsets[direction] += size;
  }
  return groups;
}
