import type { HTTPMessage } from '@http-client/headers';

/**
 * What `debugLevel` prints, begun as the reference begins its lines, to standard output.
 *
 * Bytes are quoted as text of ISO-8859-1, so that no byte of the peer's reaches a terminal as a control.
 *
 * @internal
 */
export function printSent(text: string): void {
  console.log(`send: '${escaped(text)}'`);
}

/** @internal */
export function printReply(line: string, headers: HTTPMessage): void {
  console.log(`reply: '${escaped(line)}'`);
  // A value is a line already, but for the controls that leniency lets through.
  for (const [name, value] of headers) console.log(`header: ${name}: ${escaped(value)}`);
}

function escaped(text: string): string {
  return text.replace(/[^ -&(-[\]-~]/g, (character) => {
    const short = { '\r': 'r', '\n': 'n', '\t': 't', '\\': '\\', "'": "'" }[character];
    return `\\${short ?? `x${character.charCodeAt(0).toString(16).padStart(2, '0')}`}`;
  });
}
