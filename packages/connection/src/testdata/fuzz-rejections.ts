const unhandled: Error[] = [];

process.on('unhandledRejection', (reason) => {
  unhandled.push(reason instanceof Error ? reason : new Error('no error at all', { cause: reason }));
});

/** Throws if a rejection has gone unhandled since the last call. */
export function throwUnhandled(): void {
  const [first] = unhandled.splice(0);
  if (first !== undefined) throw new Error(`nobody handles a rejection: ${first.message}`, { cause: first });
}
