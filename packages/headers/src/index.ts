export { HeaderBlockParser } from './block-parser.js';
export type { HeaderBlockParserOptions } from './block-parser.js';
export type { HeaderDefect } from './field-block.js';
export type { ParseHeadersOptions } from './field-scanner.js';
export {
  fieldValue,
  validateHeaderName,
  validateHeaderValue,
  validateMethod,
  validateTarget,
} from './grammar.js';
export type { HeaderValue } from './grammar.js';
export type { HeadersInput, HeadersLike, WebHeaders } from './headers-input.js';
export { validateHost } from './host.js';
export { HTTPMessage } from './message.js';
export { findHeaderEnd, parseHeaderBlock, parseHeaders } from './parse.js';
export { parseStatusLine } from './status-line.js';
export type { StatusLine } from './status-line.js';
export { TOLERANCES } from './tolerance.js';
export type { Tolerance, Violation } from './tolerance.js';

// For the packages above this one; not in the declarations.
/** @internal */
export { basePrototype } from './base-prototype.js';
/** @internal */
export { trimWhitespace } from './grammar.js';
/** @internal */
export { checkHeadRules, HeadReader } from './head-reader.js';
/** @internal */
export type { HeadRules, HeadTap, ResponseHead } from './head-reader.js';
/** @internal */
export { eachField } from './headers-input.js';
/** @internal */
export { hostToASCII, inURL, uriHost, validatePort, withoutBrackets } from './host.js';
/** @internal */
export { checkTolerances } from './tolerance.js';
