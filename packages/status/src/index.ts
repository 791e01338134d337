// All constants, since the table determines which there are.
export * from './constants.js';
export { HTTPStatus } from './http-status.js';
export { responses } from './responses.js';
export { descriptions } from './descriptions.js';
export { references } from './references.js';
export { isClientError, isInformational, isRedirection, isServerError, isSuccess } from './code-class.js';
export type { CodeTable } from './code-table.js';
