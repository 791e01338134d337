/** How many resources of each kind keep the process alive. */
export function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** The test runner's own timers, which come and go. */
const RUNNERS: Readonly<Record<string, number>> = { Timeout: 3, Immediate: 3 };

/** The kinds of which there are more now than before. */
export function more(before: ReadonlyMap<string, number>): string[] {
  return [...resources()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0) + (RUNNERS[kind] ?? 0))
    .map(([kind, count]) => `${count} ${kind}, before ${before.get(kind) ?? 0}`);
}
