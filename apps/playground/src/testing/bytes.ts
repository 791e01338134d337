/** All bytes, in an order that includes line ends and is not valid UTF-8. */
export const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 7 + 13) % 256));
