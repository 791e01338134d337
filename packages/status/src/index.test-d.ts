import { describe, expectTypeOf, test } from 'vitest';

import {
  HTTPStatus,
  IM_A_TEAPOT,
  NOT_FOUND,
  descriptions,
  isSuccess,
  references,
  responses,
} from './index.js';

describe('the codes', () => {
  test('the type of each constant is its number', () => {
    expectTypeOf<typeof NOT_FOUND>().toEqualTypeOf<404>();
    expectTypeOf<typeof HTTPStatus.NOT_FOUND>().toEqualTypeOf<404>();
    expectTypeOf<typeof HTTPStatus.REQUEST_ENTITY_TOO_LARGE>().toEqualTypeOf<413>();
  });

  test('HTTPStatus is the union of the known codes, and of no other number', () => {
    expectTypeOf<200 | 404 | 511>().toExtend<HTTPStatus>();
    expectTypeOf<299>().not.toExtend<HTTPStatus>();
    expectTypeOf<number>().not.toExtend<HTTPStatus>();
    expectTypeOf<HTTPStatus>().toExtend<number>();
  });

  test('an unknown name is an error', () => {
    // @ts-expect-error there is no such code
    expectTypeOf(HTTPStatus.NOT_FUOND).toBeUnknown();
  });

  test('cannot be assigned to', () => {
    // @ts-expect-error it is read-only
    HTTPStatus.OK = 200;
    // @ts-expect-error it is read-only
    responses[200] = 'OK';
  });
});

describe('the tables', () => {
  test('a known code has a text, of which the phrase is the type', () => {
    expectTypeOf(responses[404]).toEqualTypeOf<'Not Found'>();
    expectTypeOf(responses[NOT_FOUND]).toEqualTypeOf<'Not Found'>();
    expectTypeOf(responses[IM_A_TEAPOT]).toEqualTypeOf<"I'm a Teapot">();
    expectTypeOf<HTTPStatus>().toExtend<keyof typeof responses>();
    expectTypeOf(descriptions[404]).toEqualTypeOf<string>();
    expectTypeOf(references[404]).toEqualTypeOf<string>();
  });

  test('any number may be looked up, and may be absent', () => {
    const code: number = 299;
    expectTypeOf(responses[code]).toEqualTypeOf<string | undefined>();
    expectTypeOf(descriptions[code]).toEqualTypeOf<string | undefined>();
    expectTypeOf(references[code]).toEqualTypeOf<string | undefined>();
    expectTypeOf(responses).toExtend<Readonly<Record<number, string>>>();
    expectTypeOf(descriptions).toExtend<Readonly<Record<number, string>>>();
    expectTypeOf(references).toExtend<Readonly<Record<number, string>>>();
  });

  test('the classes take any number', () => {
    expectTypeOf(isSuccess).parameters.toEqualTypeOf<[code: number]>();
    expectTypeOf(isSuccess).returns.toEqualTypeOf<boolean>();
  });
});
