let largest = 0;
let total = 0;

const Original = globalThis.Uint8Array;

/**
 * Counts the bytes of every block allocated from now on with `new Uint8Array`, which is the client's only way to
 * allocate one on a transport without sockets. Views cost nothing.
 */
export function countBlocks(): void {
  if (globalThis.Uint8Array !== Original) return;
  const counting: Uint8ArrayConstructor = new Proxy(Original, {
    construct(target, args: unknown[], newTarget) {
      const made = Reflect.construct(target, args, newTarget === counting ? target : newTarget) as Uint8Array;
      if (!(args[0] instanceof ArrayBuffer)) {
        largest = Math.max(largest, made.byteLength);
        total += made.byteLength;
      }
      return made;
    },
  });
  globalThis.Uint8Array = counting;
}

/** The largest block since the last call, and the total of all blocks, in bytes. */
export function takeCounts(): { largest: number; total: number } {
  const counts = { largest, total };
  largest = total = 0;
  return counts;
}
