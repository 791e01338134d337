import type { Cookie } from 'har-format';

import { HIDDEN } from '../credentials.js';

/** The pairs of a Cookie field (RFC 6265, section 4.2). */
export function sentCookies(value: string, showCredentials: boolean): Cookie[] {
  return value
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => pair(part, showCredentials));
}

/** The cookie of a Set-Cookie field, with the attributes that HAR has fields for (RFC 6265, section 4.1). */
export function receivedCookie(value: string, showCredentials: boolean): Cookie {
  const [first = '', ...parts] = value.split(';');
  const cookie = pair(first, showCredentials);
  for (const part of parts) {
    const [name, text] = split(part);
    const date = new Date(text);
    // An attribute without a value has no equals sign.
    switch ((name || text).toLowerCase()) {
      case 'path':
        cookie.path = text;
        break;
      case 'domain':
        cookie.domain = text;
        break;
      case 'expires':
        if (!Number.isNaN(date.getTime())) cookie.expires = date.toISOString();
        break;
      case 'httponly':
        cookie.httpOnly = true;
        break;
      case 'secure':
        cookie.secure = true;
        break;
    }
  }
  return cookie;
}

function pair(text: string, showCredentials: boolean): Cookie {
  const [name, value] = split(text);
  return { name, value: showCredentials ? value : HIDDEN };
}

function split(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals < 0 ? ['', text.trim()] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}
