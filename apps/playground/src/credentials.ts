/** What stands in the place of a credential that is not shown. */
export const HIDDEN = '[hidden]';

/** The fields whose values are credentials (RFC 9110, section 11; RFC 6265). */
const SECRET = '(?:proxy-)?authorization|(?:set-)?cookie';
const SECRET_NAME = new RegExp(`^(?:${SECRET})$`, 'i');

/**
 * A credential from its field's name to the end of its line, which a bare CR may be, too. The colon may be missing:
 * broken lines are shown as well.
 */
const SECRET_LINE = new RegExp(`(^|[\\r\\n])([ \\t]*)(${SECRET})([ \\t:]+)([^\\r\\n]*)`, 'gi');

/** The schemes of IANA's registry, which are no secret: anything else may be the credential itself. */
const SCHEME =
  /^(?:Basic|Bearer|Concealed|Digest|DPoP|GNAP|HOBA|Mutual|Negotiate|NTLM|OAuth|PrivateToken|SCRAM-SHA-(?:1|256)|vapid)(?= )/i;

/** User and password of a URL: all up to the last @ of its authority (RFC 3986, section 3.2.1). */
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#\\"'<>]*@/gi;

/** Whether the values of the field are credentials. */
export function isSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The value of a field without credentials; what kind they are (`Basic`) stays. */
export function hideInValue(name: string, value: string): string {
  return isSecret(name) ? hidden(name, value) : hideUserinfo(value);
}

/** Any text, without the users and passwords of the URLs in it. */
export function hideUserinfo(text: string): string {
  return text.replace(USERINFO, `$1${HIDDEN}@`);
}

/** An error's message, which may quote what the user typed, or a line that a peer sent. */
export function hideInMessage(message: string): string {
  return hideUserinfo(message).replace(
    /"((?:[^"\\]|\\.)*)"/g,
    (_, quoted: string) => `"${hideInLines(quoted)}"`,
  );
}

/** Takes the credentials out of the lines of a head, one after the other: a value may go on in a folded line. */
export class LineFilter {
  #secret = false;

  /** Several lines, each with its end. */
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
