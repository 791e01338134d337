import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { files } from '../scripts/generated-files.js';
import * as status from './index.js';
import iana from './testdata/iana.json' with { type: 'json' };
import python2 from './testdata/python-2.json' with { type: 'json' };
import python3 from './testdata/python-3.13.json' with { type: 'json' };

const { HTTPStatus, responses, descriptions, references } = status;

/** The constants, by name. */
const constants = Object.fromEntries(Object.entries(status).filter(([, value]) => typeof value === 'number'));
const codes = [...new Set(Object.values(HTTPStatus))];

test.each(Object.entries(files))('%s matches the table', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});

describe('names and codes', () => {
  test('every name of Python 3.13', () => {
    expect(constants).toMatchObject(python3.HTTPStatus);
  });

  test('every name of the 2.x edition', () => {
    expect(constants).toMatchObject(python2);
  });

  test("every code of IANA's registry, and no other", () => {
    expect(codes.map(String)).toEqual(Object.keys(iana.codes));
  });

  test('every constant is in HTTPStatus, in the order of codes', () => {
    expect(HTTPStatus).toEqual(constants);
    expect(Object.values(HTTPStatus)).toEqual(Object.values(HTTPStatus).sort((a, b) => a - b));
  });

  test.each([
    ['FOUND', 'MOVED_TEMPORARILY', 302],
    ['CONTENT_TOO_LARGE', 'PAYLOAD_TOO_LARGE', 413],
    ['CONTENT_TOO_LARGE', 'REQUEST_ENTITY_TOO_LARGE', 413],
    ['URI_TOO_LONG', 'REQUEST_URI_TOO_LONG', 414],
    ['RANGE_NOT_SATISFIABLE', 'REQUESTED_RANGE_NOT_SATISFIABLE', 416],
    ['UNPROCESSABLE_CONTENT', 'UNPROCESSABLE_ENTITY', 422],
  ] as const)('%s comes before its older name %s', (name, older, code) => {
    expect([status[name], status[older], HTTPStatus[name], HTTPStatus[older]]).toEqual(Array(4).fill(code));
    const names = Object.keys(HTTPStatus);
    expect(names.indexOf(name)).toBeLessThan(names.indexOf(older));
  });
});

describe('texts', () => {
  test('phrases are those of Python 3.13, with the two codes that it lacks', () => {
    expect(responses).toEqual({
      ...python3.responses,
      104: 'Upload Resumption Supported',
      306: '(Unused)',
    });
  });

  test('phrases are those of the registry, without its notes, except for the teapot', () => {
    const registered = Object.entries(iana.codes).map(([code, [description]]) => [
      code,
      description!.replace(/ \([A-Z]{2}.*\)/, ''),
    ]);
    expect({ ...responses, 418: '(Unused)' }).toEqual(Object.fromEntries(registered));
  });

  test.each(Object.entries(iana.codes))(
    'the reference of %s begins like that of the registry',
    (code, [, registered]) => {
      const expected = registered!.replace(/^RFC/, 'RFC ').replace(/-\d\d$/, '');
      const reference = references[Number(code)]!;
      expect(reference.slice(0, expected.length)).toBe(expected);
      expect(reference).toMatch(/^RFC \d{4}, Section \d+(\.\d+)*$|^draft-[a-z-]+$/);
    },
  );

  test('every code has one description, a sentence of one line', () => {
    expect(Object.keys(descriptions)).toEqual(Object.keys(responses));
    for (const description of Object.values(descriptions))
      expect(description).toMatch(/^[A-Z][ -~]{10,98}\.$/);
    expect(new Set(Object.values(descriptions)).size).toBe(codes.length);
  });

  test('a number that is not a code has no text', () => {
    for (const code of [0, 99, 299, 419, 600, NaN, -404, 404.5]) {
      expect([responses[code], descriptions[code], references[code]]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  test.each(Object.entries({ HTTPStatus, responses, descriptions, references }))(
    '%s is frozen',
    (_, table) => {
      expect(Object.isFrozen(table)).toBe(true);
    },
  );
});
