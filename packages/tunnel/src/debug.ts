import type { HTTPMessage } from '@http-client/headers';

/**
 * What `debugLevel` prints to standard output, begun as the reference begins its lines. Bytes are quoted as text of
 * ISO-8859-1, so that no byte of the proxy's reaches a terminal as a control.
 */
export function printSent(head: string): void {
  console.log(`send: '${escaped(head)}'`);
}

export function printReply(line: string, headers: HTTPMessage): void {
  console.log(`reply: '${escaped(line)}'`);
  for (const [name, value] of headers) console.log(`header: ${name}: ${escaped(value)}`);
}

const NAMED: Readonly<Record<string, string>> = {
  '\r': '\\r',
  '\n': '\\n',
  '\t': '\\t',
  '\\': '\\\\',
  "'": "\\'",
};

function escaped(text: string): string {
  return text.replace(
    /[^ -&(-[\]-~]/g,
    (character) => NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
