/**
 * Makes the value of Authorization for a user and a password, as UTF-8 (RFC 7617, section 2).
 *
 * @param refuse makes the error if that is impossible.
 */
export function basic(user: string, password: string, refuse: (why: string) => Error): string {
  // The first colon ends the user name.
  if (user.includes(':')) throw refuse('a user name with a colon cannot be sent');
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
