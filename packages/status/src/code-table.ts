import type { HTTPStatus } from './http-status.js';

/** One text for each code: every code that has a name has one, and any other number may be looked up. */
export type CodeTable = Readonly<Record<HTTPStatus, string>> & Readonly<Record<number, string>>;
