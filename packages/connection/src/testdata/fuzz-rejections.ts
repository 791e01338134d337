const unhandled: Error[] = [];

process.on('unhandledRejection', (reason) => {
  unhandled.push(reason instanceof Error ? reason : new Error('no error at all', { cause: reason }));
});

/** Throws where a promise was rejected that nobody handled, since the last call. */
export function throwUnhandled(): void {
  const [first] = unhandled.splice(0);
  if (first !== undefined) throw new Error(`nobody handles a rejection: ${first.message}`, { cause: first });
}
