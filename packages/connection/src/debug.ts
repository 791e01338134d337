/**
 * What `debugLevel` prints, begun as the reference begins its lines, to standard output.
 *
 * Bytes are quoted as text of ISO-8859-1, so that no byte of the peer's reaches a terminal as a control.
 */
export function printSent(text: string): void {
  console.log(`send: ${quoted(text)}`);
}

export function printReply(line: string): void {
  console.log(`reply: ${quoted(line)}`);
}

export function printHeader(name: string, value: string): void {
  // A value is a line already, but for the controls that leniency lets through.
  console.log(`header: ${name}: ${quoted(value).slice(1, -1)}`);
}

const NAMED: Readonly<Record<string, string>> = {
  '\r': '\\r',
  '\n': '\\n',
  '\t': '\\t',
  '\\': '\\\\',
  "'": "\\'",
};

function quoted(text: string): string {
  const escaped = text.replace(
    /[^ -&(-[\]-~]/g,
    (character) => NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `'${escaped}'`;
}
