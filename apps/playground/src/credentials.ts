/** Shown in place of a credential. */
export const HIDDEN = '[hidden]';

/** A regular expression for the fields whose values are credentials (RFC 9110, section 11; RFC 6265). */
export const SECRET_FIELDS = '(?:proxy-)?authorization|(?:set-)?cookie';
const SECRET_NAME = new RegExp(`^(?:${SECRET_FIELDS})$`, 'i');

/**
 * A credential, from its field's name to the end of its line, which may also be a bare CR. The colon may be missing:
 * malformed lines are shown as well.
 */
const SECRET_LINE = new RegExp(`(^|[\\r\\n])([ \\t]*)(${SECRET_FIELDS})([ \\t:]+)([^\\r\\n]*)`, 'gi');

/** The schemes of IANA's registry, which are not secret. Anything else may be the credential itself. */
const SCHEME =
  /^(?:Basic|Bearer|Concealed|Digest|DPoP|GNAP|HOBA|Mutual|Negotiate|NTLM|OAuth|PrivateToken|SCRAM-SHA-(?:1|256)|vapid)(?= )/i;

/** User and password of a URL within a text: everything up to the last @ of its authority (RFC 3986, section 3.2.1). */
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#\\"'<>]*@/gi;

/** Whether the values of the field are credentials. */
export function isSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The value of a field without credentials; their scheme (`Basic`) stays. */
export function hideInValue(name: string, value: string): string {
  return isSecret(name) ? hidden(name, value) : hideUserinfo(value);
}

/**
 * A URL without its user and password. It may be malformed, and its password may contain `@` or `/`: everything before
 * the last `@` is removed. That may be too much, but never too little.
 */
export function withoutUser(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1');
}

/** Any text, without the users and passwords of the URLs in it. */
export function hideUserinfo(text: string): string {
  return text.replace(USERINFO, `$1${HIDDEN}@`);
}

/** An error's message without credentials: it may quote what the user typed, or a line that a peer sent. */
export function hideInMessage(message: string): string {
  return hideUserinfo(message).replace(
    /"((?:[^"\\]|\\.)*)"/g,
    (_, quoted: string) => `"${hideInLines(quoted)}"`,
  );
}

/** Hides the credentials in the lines of a head, in their order: a value may continue in a folded line. */
export class LineFilter {
  #secret = false;

  /** Hides them in several lines, each with its line end. */
  lines(text: string): string {
    return text
      .split(/(?<=\n)/)
      .map((line) => this.line(line))
      .join('');
  }

  line(line: string): string {
    if (this.#secret && /^[ \t]/.test(line)) return line.replace(/[^ \t\r\n][^\r\n]*/g, HIDDEN);
    this.#secret = line.search(SECRET_LINE) >= 0;
    return hideUserinfo(hideInLines(line));
  }
}

function hideInLines(text: string): string {
  return text.replace(
    SECRET_LINE,
    (_, start: string, blanks: string, name: string, colon: string, value: string) =>
      start + blanks + name + colon + hidden(name, value),
  );
}

function hidden(name: string, value: string): string {
  if (value === '') return '';
  const scheme = /cookie/i.test(name) ? undefined : SCHEME.exec(value)?.[0];
  return scheme === undefined ? HIDDEN : `${scheme} ${HIDDEN}`;
}
