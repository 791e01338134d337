import type { Call } from '../../src/serve/api.js';

/** A call as shown on a button: short, and without the object. */
export function codeOf(call: Call): string {
  switch (call.call) {
    case 'request':
    case 'putRequest':
      return `${call.call}('${call.method}', '${cut(call.target)}')`;
    case 'putHeader':
      return `putHeader('${call.name}', '${cut(call.value)}')`;
    case 'send':
      return `send(${call.data.length} characters)`;
    case 'read':
      return `read(${call.amount ?? ''})`;
    case 'connect':
    case 'endHeaders':
    case 'getResponse':
    case 'close':
      return `${call.call}()`;
  }
}

function cut(text: string): string {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
