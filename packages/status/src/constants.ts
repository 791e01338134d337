// Written by scripts/generate.js from scripts/table.txt: change the table, then run the script.

/** Continue: RFC 9110, Section 15.2.1. */
export const CONTINUE = 100;
/** Switching Protocols: RFC 9110, Section 15.2.2. */
export const SWITCHING_PROTOCOLS = 101;
/** Processing: RFC 2518, Section 10.1. */
export const PROCESSING = 102;
/** Early Hints: RFC 8297, Section 2. */
export const EARLY_HINTS = 103;
/** Upload Resumption Supported: draft-ietf-httpbis-resumable-upload. */
export const UPLOAD_RESUMPTION_SUPPORTED = 104;
/** OK: RFC 9110, Section 15.3.1. */
export const OK = 200;
/** Created: RFC 9110, Section 15.3.2. */
export const CREATED = 201;
/** Accepted: RFC 9110, Section 15.3.3. */
export const ACCEPTED = 202;
/** Non-Authoritative Information: RFC 9110, Section 15.3.4. */
export const NON_AUTHORITATIVE_INFORMATION = 203;
/** No Content: RFC 9110, Section 15.3.5. */
export const NO_CONTENT = 204;
/** Reset Content: RFC 9110, Section 15.3.6. */
export const RESET_CONTENT = 205;
/** Partial Content: RFC 9110, Section 15.3.7. */
export const PARTIAL_CONTENT = 206;
/** Multi-Status: RFC 4918, Section 11.1. */
export const MULTI_STATUS = 207;
/** Already Reported: RFC 5842, Section 7.1. */
export const ALREADY_REPORTED = 208;
/** IM Used: RFC 3229, Section 10.4.1. */
export const IM_USED = 226;
/** Multiple Choices: RFC 9110, Section 15.4.1. */
export const MULTIPLE_CHOICES = 300;
/** Moved Permanently: RFC 9110, Section 15.4.2. */
export const MOVED_PERMANENTLY = 301;
/** Found: RFC 9110, Section 15.4.3. */
export const FOUND = 302;
/** The older name of {@link FOUND}. */
export const MOVED_TEMPORARILY = 302;
/** See Other: RFC 9110, Section 15.4.4. */
export const SEE_OTHER = 303;
/** Not Modified: RFC 9110, Section 15.4.5. */
export const NOT_MODIFIED = 304;
/** Use Proxy: RFC 9110, Section 15.4.6. */
export const USE_PROXY = 305;
/** (Unused): RFC 9110, Section 15.4.7. */
export const SWITCH_PROXY = 306;
/** Temporary Redirect: RFC 9110, Section 15.4.8. */
export const TEMPORARY_REDIRECT = 307;
/** Permanent Redirect: RFC 9110, Section 15.4.9. */
export const PERMANENT_REDIRECT = 308;
/** Bad Request: RFC 9110, Section 15.5.1. */
export const BAD_REQUEST = 400;
/** Unauthorized: RFC 9110, Section 15.5.2. */
export const UNAUTHORIZED = 401;
/** Payment Required: RFC 9110, Section 15.5.3. */
export const PAYMENT_REQUIRED = 402;
/** Forbidden: RFC 9110, Section 15.5.4. */
export const FORBIDDEN = 403;
/** Not Found: RFC 9110, Section 15.5.5. */
export const NOT_FOUND = 404;
/** Method Not Allowed: RFC 9110, Section 15.5.6. */
export const METHOD_NOT_ALLOWED = 405;
/** Not Acceptable: RFC 9110, Section 15.5.7. */
export const NOT_ACCEPTABLE = 406;
/** Proxy Authentication Required: RFC 9110, Section 15.5.8. */
export const PROXY_AUTHENTICATION_REQUIRED = 407;
/** Request Timeout: RFC 9110, Section 15.5.9. */
export const REQUEST_TIMEOUT = 408;
/** Conflict: RFC 9110, Section 15.5.10. */
export const CONFLICT = 409;
/** Gone: RFC 9110, Section 15.5.11. */
export const GONE = 410;
/** Length Required: RFC 9110, Section 15.5.12. */
export const LENGTH_REQUIRED = 411;
/** Precondition Failed: RFC 9110, Section 15.5.13. */
export const PRECONDITION_FAILED = 412;
/** Content Too Large: RFC 9110, Section 15.5.14. */
export const CONTENT_TOO_LARGE = 413;
/** The older name of {@link CONTENT_TOO_LARGE}. */
export const PAYLOAD_TOO_LARGE = 413;
/** The older name of {@link CONTENT_TOO_LARGE}. */
export const REQUEST_ENTITY_TOO_LARGE = 413;
/** URI Too Long: RFC 9110, Section 15.5.15. */
export const URI_TOO_LONG = 414;
/** The older name of {@link URI_TOO_LONG}. */
export const REQUEST_URI_TOO_LONG = 414;
/** Unsupported Media Type: RFC 9110, Section 15.5.16. */
export const UNSUPPORTED_MEDIA_TYPE = 415;
/** Range Not Satisfiable: RFC 9110, Section 15.5.17. */
export const RANGE_NOT_SATISFIABLE = 416;
/** The older name of {@link RANGE_NOT_SATISFIABLE}. */
export const REQUESTED_RANGE_NOT_SATISFIABLE = 416;
/** Expectation Failed: RFC 9110, Section 15.5.18. */
export const EXPECTATION_FAILED = 417;
/** I'm a Teapot: RFC 9110, Section 15.5.19. */
export const IM_A_TEAPOT = 418;
/** Misdirected Request: RFC 9110, Section 15.5.20. */
export const MISDIRECTED_REQUEST = 421;
/** Unprocessable Content: RFC 9110, Section 15.5.21. */
export const UNPROCESSABLE_CONTENT = 422;
/** The older name of {@link UNPROCESSABLE_CONTENT}. */
export const UNPROCESSABLE_ENTITY = 422;
/** Locked: RFC 4918, Section 11.3. */
export const LOCKED = 423;
/** Failed Dependency: RFC 4918, Section 11.4. */
export const FAILED_DEPENDENCY = 424;
/** Too Early: RFC 8470, Section 5.2. */
export const TOO_EARLY = 425;
/** Upgrade Required: RFC 9110, Section 15.5.22. */
export const UPGRADE_REQUIRED = 426;
/** Precondition Required: RFC 6585, Section 3. */
export const PRECONDITION_REQUIRED = 428;
/** Too Many Requests: RFC 6585, Section 4. */
export const TOO_MANY_REQUESTS = 429;
/** Request Header Fields Too Large: RFC 6585, Section 5. */
export const REQUEST_HEADER_FIELDS_TOO_LARGE = 431;
/** Unavailable For Legal Reasons: RFC 7725, Section 3. */
export const UNAVAILABLE_FOR_LEGAL_REASONS = 451;
/** Internal Server Error: RFC 9110, Section 15.6.1. */
export const INTERNAL_SERVER_ERROR = 500;
/** Not Implemented: RFC 9110, Section 15.6.2. */
export const NOT_IMPLEMENTED = 501;
/** Bad Gateway: RFC 9110, Section 15.6.3. */
export const BAD_GATEWAY = 502;
/** Service Unavailable: RFC 9110, Section 15.6.4. */
export const SERVICE_UNAVAILABLE = 503;
/** Gateway Timeout: RFC 9110, Section 15.6.5. */
export const GATEWAY_TIMEOUT = 504;
/** HTTP Version Not Supported: RFC 9110, Section 15.6.6. */
export const HTTP_VERSION_NOT_SUPPORTED = 505;
/** Variant Also Negotiates: RFC 2295, Section 8.1. */
export const VARIANT_ALSO_NEGOTIATES = 506;
/** Insufficient Storage: RFC 4918, Section 11.5. */
export const INSUFFICIENT_STORAGE = 507;
/** Loop Detected: RFC 5842, Section 7.2. */
export const LOOP_DETECTED = 508;
/** Not Extended: RFC 2774, Section 7. */
export const NOT_EXTENDED = 510;
/** Network Authentication Required: RFC 6585, Section 6. */
export const NETWORK_AUTHENTICATION_REQUIRED = 511;
