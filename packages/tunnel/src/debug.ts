import type { HTTPMessage } from '@http-client/headers';

/**
 * Prints to standard output what `debugLevel` asks for; the lines begin as those of the reference do.
 *
 * Bytes are quoted as ISO-8859-1 text, so that no byte from the peer reaches a terminal as a control character.
 *
 * @internal
 */
export function printSent(text: string): void {
  console.log(`send: '${escaped(text)}'`);
}

/** @internal */
export function printReply(line: string, headers: HTTPMessage): void {
  console.log(`reply: '${escaped(line)}'`);
  // A value contains no line break, but lenient parsing may leave other control characters in it.
  for (const [name, value] of headers) console.log(`header: ${name}: ${escaped(value)}`);
}

function escaped(text: string): string {
  return text.replace(/[^ -&(-[\]-~]/g, (character) => {
    const short = { '\r': 'r', '\n': 'n', '\t': 't', '\\': '\\', "'": "'" }[character];
    return `\\${short ?? `x${character.charCodeAt(0).toString(16).padStart(2, '0')}`}`;
  });
}
