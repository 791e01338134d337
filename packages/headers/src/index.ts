export { HeaderBlockParser } from './block-parser.js';
export type { HeaderBlockParserOptions } from './block-parser.js';
export type { ParseHeadersOptions } from './field-scanner.js';
export type { HeaderDefect } from './field-block.js';
export {
  fieldValue,
  trimWhitespace,
  validateHeaderName,
  validateHeaderValue,
  validateMethod,
  validateTarget,
} from './grammar.js';
export type { HeaderValue } from './grammar.js';
export { hostToASCII, uriHost, validateHost, validatePort, withoutBrackets } from './host.js';
export { checkHeadRules, HeadReader } from './head-reader.js';
export type { HeadRules, HeadTap, ResponseHead } from './head-reader.js';
export { eachField } from './headers-input.js';
export type { HeadersInput, HeadersLike, WebHeaders } from './headers-input.js';
export { HTTPMessage } from './message.js';
export { findHeaderEnd, parseHeaderBlock, parseHeaders } from './parse.js';
export { parseStatusLine } from './status-line.js';
export type { StatusLine } from './status-line.js';
export { checkTolerances, TOLERANCES } from './tolerance.js';
export type { Tolerance, Violation } from './tolerance.js';
