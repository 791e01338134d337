/** The hundreds of a code, which are the first of three digits; NaN for anything but an integer. */
const codeClass = (code: number): number => (Number.isInteger(code) ? Math.floor(code / 100) : NaN);

/** Whether a code is 1xx: an interim response, with the final one still to come (RFC 9110, section 15.2). */
export function isInformational(code: number): boolean {
  return codeClass(code) === 1;
}

/** Whether a code is 2xx: the request was received, understood and accepted (RFC 9110, section 15.3). */
export function isSuccess(code: number): boolean {
  return codeClass(code) === 2;
}

/** Whether a code is 3xx: more has to be done to fulfil the request (RFC 9110, section 15.4). */
export function isRedirection(code: number): boolean {
  return codeClass(code) === 3;
}

/** Whether a code is 4xx: the server considers the client to be at fault (RFC 9110, section 15.5). */
export function isClientError(code: number): boolean {
  return codeClass(code) === 4;
}

/** Whether a code is 5xx: the server is aware that it is at fault (RFC 9110, section 15.6). */
export function isServerError(code: number): boolean {
  return codeClass(code) === 5;
}
