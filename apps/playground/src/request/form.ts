import { quote } from '@http-client/client';

import { Failure } from '../failure.js';

/**
 * Adds `name=value` to the fields of a form.
 *
 * @throws Failure if there is no equals sign.
 */
export function addFormField(text: string, form = new URLSearchParams()): URLSearchParams {
  const equals = text.indexOf('=');
  if (equals < 0) {
    throw new Failure(
      `Cannot use ${quote(text)} as a form field: it has no equals sign; a good one looks like name=value`,
    );
  }
  form.append(text.slice(0, equals), text.slice(equals + 1));
  return form;
}
