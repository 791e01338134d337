import type { HTTPStatus } from './http-status.js';

/** One text per code: every named code has one, and any other number may be looked up. */
export type CodeTable = Readonly<Record<HTTPStatus, string>> & Readonly<Record<number, string>>;
