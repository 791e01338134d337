/** How many of each kind of resource hold the process open. */
export function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** The test runner has timers of its own, which come and go. */
const RUNNERS: Readonly<Record<string, number>> = { Timeout: 3, Immediate: 3 };

/** The kinds of which there are more now than there were. */
export function more(before: ReadonlyMap<string, number>): string[] {
  return [...resources()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0) + (RUNNERS[kind] ?? 0))
    .map(([kind, count]) => `${count} ${kind}, before ${before.get(kind) ?? 0}`);
}
