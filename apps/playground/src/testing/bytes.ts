/** Every byte, in an order in which some are line ends and none is text. */
export const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 7 + 13) % 256));
